"""A stack in containers, as the verbs of tasks.py ask for it."""

from __future__ import annotations

import subprocess

from stack.compose import exec as exec_
from stack.compose import health, lifecycle, logs, published, status
from stack.compose.project import Project
from stack.compose.status import Row
from stack.core.console import Failure
from stack.database.server import Server, running_server
from stack.deploy import up
from stack.engine import docker_engine

STOP_SECONDS = 3
"""How long each container may take to stop; a process of development has nothing to finish."""


class Containers:
    """A stack that Docker Compose runs. `Local` has the same methods."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def up(self) -> None:
        """Build what changed, start, and wait until it is ready."""
        docker_engine.ensure()
        up.up(self.project)

    def build(self) -> None:
        """Only build what changed."""
        lifecycle.build(lifecycle.prepare(self.project))

    def stop(self) -> None:
        """Stop it; the next start is quick."""
        lifecycle.down(self.project, seconds=STOP_SECONDS)

    def down(self, *, data: bool = False) -> None:
        """Stop and remove what runs; with `data`, the stack's own database, too."""
        if data and self.project.is_external:
            raise Failure(
                f"The database of {self.project.name} is external: inv deletes nothing there.",
                "Delete it at its server; to remove what runs here: inv prod.down",
            )
        _ = self.project.client  # raises Failure where no engine answers
        lifecycle.down(self.project, volumes=data)

    def restart(self, program: str | None) -> None:
        """Restart one program, or the whole app; wait until the stack is ready."""
        lifecycle.restart(self.project, program)

    def rows(self) -> list[Row]:
        """What runs: services, the app's processes below it."""
        return status.rows(self.project)

    def fault(self) -> Failure | None:
        """Why the panel cannot be reached, where its containers are healthy."""
        return published.fault(self.project)

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        """Print the log; returns the exit status."""
        return logs.show(self.project, program, tail=tail, follow=follow)

    def in_app(self, *command: str) -> int:
        """Run a command as the app's processes are run; returns its exit status.

        Where the app does not run, the database is started for it, and stopped afterwards.
        """
        app = self.project.containers().get("app")
        if app is not None and app.status == "running":
            return self.project.attach("exec", "app", "/entrypoint.sh", *command)
        with running_server(lifecycle.prepare(self.project, tell=False)) as server:
            return server.project.attach("run", "--rm", "app", *command)

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command where the app's processes run, while they do, and keep what it prints."""
        return self.project.capture("exec", "-T", "app", "/entrypoint.sh", *command)

    def shell(self, program: str | None) -> int:
        """Open a shell where the app, a process of it or a service runs; returns its status."""
        if program is None or program == "app":
            return self.in_app("bash")
        return exec_.shell(self.project, program)

    def database(self) -> int:
        """Open psql on the database, which runs what is piped in; returns its exit status."""
        server = Server(self.project)
        if not server.is_external:
            self.require_running()
        return server.open_psql()

    def attach(self) -> int:
        """Join the `breakpoint()` that a process waits at, or the next one; the exit status."""
        return self._exec("app", "/entrypoint.sh", "breakpoints.py")

    def run_tests(self, arguments: list[str]) -> int:
        """Run the backend's tests, in a database of their own; returns pytest's exit status."""
        return self._exec("app", "/entrypoint.sh", "python", "-m", "pytest", *arguments)

    def _exec(self, service: str, *command: str) -> int:
        self.require_running()
        return self.project.attach("exec", service, *command)

    def settings_are_newer(self) -> bool:
        """Whether `.env` was saved since the processes were started with it."""
        return status.settings_are_newer(self.project)

    def health_note(self) -> str:
        """What the health check says of a healthy app."""
        app = self.project.containers().get("app")
        return health.last_words(app, of_success=True) if app is not None else ""

    def require_running(self) -> None:
        """Raise Failure when it does not run."""
        lifecycle.require_running(self.project)
