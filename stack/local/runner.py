"""The stack without containers: the dev container's processes on this machine, under supervisord.
What they need and write is below `.local/`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stack.compose import lifecycle, ports
from stack.compose.health import READY_SECONDS
from stack.compose.logs import require_tail
from stack.compose.project import Project
from stack.compose.status import Row, no_program
from stack.config import dotenv
from stack.core import signals, watches
from stack.core.console import Failure, print_output, say, step
from stack.core.polling import NeverHappened, wait_until
from stack.core.process import run_attached, run_quietly
from stack.database.server import DATABASE, STOP_AT_ERRORS, USER
from stack.engine import disk
from stack.local import install, log, owner, postgres, sessions
from stack.local.sessions import Session

PRUNE = f"{Path(sys.executable).name} -m pip cache purge   (what takes it: du -xh --max-depth=1 ~)"
"""What often frees room on a machine without containers."""

LOG_LINES = 15
"""How many of the log's last lines are shown when a start fails."""


class Local:
    """A stack that supervisord runs; `Containers` says what the same methods do."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.root = project.root
        owner.become(project.root)

    # --- starting and stopping ----------------------------------------------------------------

    def up(self) -> None:
        with sessions.lock(self.root):
            session = sessions.current(self.root)
            if session and (self._is_outdated(session) or not self._is_healthy(session)):
                say("The stack is unhealthy, or its settings have changed: it is restarted.")
                self._end()
                session = None
            if session is None:
                sessions.end(self.root)  # what a crash has left
                ports.require_free(self.project)
                disk.require_room(self.root, PRUNE)
                if dotenv.setting(self.root, "ALARM_POLLING") != "true":
                    watches.require(self.root)
                self.build()
            self._start(session)

    def build(self) -> None:
        lifecycle.write_checkout_files(self.root)
        install.everything(self.root)

    def stop(self) -> None:
        with signals.uninterruptible(), sessions.lock(self.root):
            self._end()

    def down(self, *, data: bool = False) -> None:
        self.stop()
        if data:
            postgres.remove(self.root)

    def restart(self, program: str | None) -> None:
        with sessions.lock(self.root):
            session = self.require_running()
            if program:
                self._require_program(session, program)
                self._quietly(session, f"Restarting {program}", "programs", "restart", program)
                self._start(session)
            else:
                self._end()
                self._start(None)

    def _start(self, session: Session | None) -> None:
        """Start what does not run of a session, or all of a new one; show the log if that fails."""
        try:
            if session is None:
                with step("Starting the database"):
                    session = self._begin()
            if {each["state"] for each in self._programs(session)} != {"RUNNING"}:
                prepare = ("migrate-and-exec", "programs", "start")
                self._quietly(session, "Preparing the database", *prepare)
            with step("Waiting until the stack is ready") as detail:
                self._wait(session, lambda: self._is_healthy(session), detail)
        except Failure:
            print_output(log.last_lines(sessions.log_of(self.root), LOG_LINES))
            raise

    def _begin(self) -> Session:
        """Start a session and wait for its database."""
        session = sessions.begin(self.project)
        database = postgres.database_of(self.root)
        self._wait(session, lambda: postgres.is_ready(database, session.database_port))
        return session

    def _end(self) -> None:
        if sessions.recorded(self.root):
            with step("Stopping the stack"):
                sessions.end(self.root)

    def _is_outdated(self, session: Session) -> bool:
        wanted = (self.project.port, sessions.settings_of(self.root))
        return wanted != (session.port, session.settings)

    def _wait(
        self,
        session: Session,
        ready: Callable[[], bool],
        detail: Callable[[str], None] = lambda text: None,
    ) -> None:
        """Wait until `ready`. Raises Failure as soon as a process has been given up."""

        def is_ready() -> bool:
            if ready():
                return True
            if not session.runs():
                remedy = "Correct what the lines above say, then: inv local"
                raise Failure("supervisord has ended by itself.", remedy)
            found = self._programs(session)
            for each in found:
                if each["state"] in {"FATAL", "EXITED"}:
                    raise Failure(
                        f"The program {each['program']} stops by itself.",
                        f"Its log says why: inv local.logs {each['program']}",
                    )
            detail(", ".join(f"{each['process']} {each['state'].lower()}" for each in found))
            return False

        try:
            wait_until("the local stack", is_ready, seconds=READY_SECONDS)
        except NeverHappened as error:
            raise Failure(
                f"The stack was not ready within {READY_SECONDS} s.",
                "Its log says why: inv local.logs --tail 100",
            ) from error

    # --- looking ------------------------------------------------------------------------------

    def require_running(self) -> Session:
        session = sessions.current(self.root)
        if session is None:
            raise Failure("The local stack does not run.", "Type: inv local")
        return session

    def rows(self) -> list[Row]:
        session = sessions.current(self.root)
        if session is None:
            return []
        programs = {each["process"]: each for each in self._programs(session)}
        database = programs.pop("db", {"state": "STOPPED", "uptime": 0})
        answers = postgres.is_ready(postgres.database_of(self.root), session.database_port)
        state = "healthy" if answers else str(database["state"]).lower()
        youngest = min((int(each["uptime"]) for each in programs.values()), default=0)
        app = "healthy" if self._is_healthy(session) else "unhealthy"
        return [
            Row("app", app, youngest, 0, session.port),
            *(
                Row(f"  {name}", each["state"].lower(), each["uptime"], 0, each["port"])
                for name, each in programs.items()
            ),
            Row("db", state, int(database["uptime"]), 0, session.database_port),
        ]

    def fault(self) -> Failure | None:
        return None  # its health check asks at the port itself

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        session = self.require_running()
        if program and program != "app":
            self._require_program(session, program)
        require_tail(tail)

        def goes_on() -> bool:
            is_there = sessions.current(self.root) or sessions.is_locked(self.root)
            return follow and bool(is_there)

        count = None if tail == "all" else int(tail)
        return log.show(sessions.log_of(self.root), program, count, goes_on)

    def health_note(self) -> str:
        session = sessions.current(self.root)
        return self._run(session, "healthcheck").stdout.strip() if session else ""

    def settings_are_newer(self) -> bool:
        session = sessions.current(self.root)
        return session is not None and self._is_outdated(session)

    def _require_program(self, session: Session, program: str) -> None:
        states = self._programs(session)
        if states and program not in {state["program"] for state in states}:
            raise no_program(self.project, program, states)

    def _is_healthy(self, session: Session) -> bool:
        return self._run(session, "healthcheck").returncode == 0

    def _programs(self, session: Session) -> list[dict[str, Any]]:
        """What supervisord says of its processes; empty while it does not answer yet."""
        asked = self._run(session, "programs")
        answer: list[dict[str, Any]] = json.loads(asked.stdout) if asked.returncode == 0 else []
        return answer

    # --- running commands ---------------------------------------------------------------------

    def in_app(self, *command: str) -> int:
        with self._with_database() as session:
            return self._attached(session, "backend", *command)

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        # With its settings: a session of another secret key is none for the serving processes.
        return self._run(self.require_running(), "app-environment", *command)

    def shell(self, program: str | None) -> int:
        with self._with_database() as session:
            if program is not None:
                self._require_program(session, program)
            return self._attached(session, "frontend" if program == "vite" else "backend", "bash")

    def database(self) -> int:
        password = postgres.database_of(self.root).password_file
        psql = ("psql", STOP_AT_ERRORS, "--host=127.0.0.1", USER, DATABASE)
        with self._with_database() as session:
            secret = password.read_text(encoding="ascii").strip()
            return self._attached(session, ".", *psql, PGPASSWORD=secret)

    def attach(self) -> int:
        self.require_running()
        return self.in_app("breakpoints.py")

    def run_tests(self, arguments: list[str]) -> int:
        return self.in_app("python", "-m", "pytest", *arguments)

    @contextlib.contextmanager
    def _with_database(self) -> Iterator[Session]:
        """The session that runs, or one of the database alone while the block lasts."""
        session = sessions.current(self.root)
        if session is not None:
            yield session
            return
        with sessions.lock(self.root):
            sessions.end(self.root)
            self.build()
            try:
                yield self._begin()
            finally:
                sessions.end(self.root)

    def _attached(self, session: Session, folder: str, *command: str, **variables: str) -> int:
        env = {**session.environment(self.project), **variables}
        return run_attached(("app-environment", *command), cwd=self.root / folder, env=env)

    def _run(self, session: Session, *command: str) -> subprocess.CompletedProcess[str]:
        env, folder = session.environment(self.project), self.root / "backend"
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, check=False
        )

    def _quietly(self, session: Session, title: str, *command: str) -> None:
        run_quietly(
            title,
            ("app-environment", *command),
            remedy="Correct what the lines above say, then: inv local",
            cwd=self.root / "backend",
            env=session.environment(self.project),
        )
