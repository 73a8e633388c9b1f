"""A stack without containers, as the verbs of tasks.py ask for it: the dev container's programs as
processes of this machine, under supervisord, with what they need and write below `.local/`.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from stack.compose import checkout, ports
from stack.compose.logs import require_tail
from stack.compose.project import Project
from stack.compose.status import Row
from stack.config import checkout_files
from stack.core import signals
from stack.core.console import Failure, lines, say, step
from stack.core.polling import NeverHappened, wait_until
from stack.core.process import run_attached, run_quietly
from stack.engine import disk
from stack.local import install, log, owner, postgres, sessions
from stack.local.sessions import Session

READY_SECONDS = 120
"""How long the stack may take from its programs' start until it is ready."""

PRUNE = f"{Path(sys.executable).name} -m pip cache purge   (what takes it: du -xh --max-depth=1 ~)"
"""What often frees room on a machine without containers."""

LOG_LINES = 15
"""How many of the log's last lines are shown when a start fails."""


class Local:
    """The Runner that drives supervisord."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.root = project.root
        owner.become(project.root)

    # --- starting and stopping ----------------------------------------------------------------

    def up(self) -> None:
        with sessions.alone(self.root):
            session = sessions.current(self.root)
            if session is not None and not self._is_as_asked(session):
                say("It is not healthy, or its settings have changed: it is started again.")
                self._end()
                session = None
            if session is None:
                sessions.end(self.root)  # what a crash has left
                ports.require_free(self.project)
                disk.require_room(self.root, PRUNE)
                self.build()
            self._start(session)

    def build(self) -> None:
        for path in checkout_files.ensure(self.root, checkout.name_of(self.root)):
            say(f"✓ wrote {path.relative_to(self.root)}", style="green")
        install.everything(self.root)

    def stop(self) -> None:
        with signals.uninterruptible(), sessions.alone(self.root):
            self._end()

    def down(self, *, data: bool = False) -> None:
        self.stop()
        if data:
            postgres.remove(self.root)

    def restart(self, program: str | None) -> None:
        self.require_running()
        with sessions.alone(self.root):
            session = sessions.current(self.root)
            if program and session:
                self._require_program(session, program)
                self._quietly(session, f"Restarting {program}", "programs", "restart", program)
            else:
                self._end()
                session = None
            self._start(session)

    def _start(self, session: Session | None) -> None:
        """Start what does not run of a session, or all of a new one; Failure tells the log."""
        try:
            if session is None:
                with step("Starting the database"):
                    session = sessions.begin(self.project)
                    self._wait_for_database(session)
            states = {each["state"] for each in self._programs(session)}
            if states != {"RUNNING"}:
                prepare = ("migrate-and-exec", "programs", "start")
                self._quietly(session, "Preparing the database", *prepare)
            with step("Waiting until the stack is ready") as detail:
                self._wait_until_ready(session, detail)
        except Failure:
            lines(log.last_lines(sessions.log_of(self.root), LOG_LINES))
            raise

    def _end(self) -> None:
        if sessions.recorded(self.root):
            with step("Stopping the stack"):
                sessions.end(self.root)

    def _is_as_asked(self, session: Session) -> bool:
        wanted = (self.project.port, sessions.settings_of(self.root))
        return wanted == (session.port, session.settings) and self._is_healthy(session)

    def _wait_for_database(self, session: Session) -> None:
        database = postgres.of(self.root)

        def ready() -> bool:
            answers = postgres.is_ready(database, session.database_port)
            if not answers:
                self._require_no_end(session)
            return answers

        self._wait("PostgreSQL", ready)

    def _wait_until_ready(self, session: Session, detail: Callable[[str], None]) -> None:
        def ready() -> bool:
            found = self._require_no_end(session)
            detail(", ".join(f"{each['process']} {each['state'].lower()}" for each in found))
            return self._is_healthy(session)

        self._wait("the page", ready)

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        try:
            wait_until(what, ready, seconds=READY_SECONDS)
        except NeverHappened as error:
            raise Failure(
                f"The stack was not ready within {READY_SECONDS} s.",
                "Its log says why: inv local.logs --tail 100",
            ) from error

    def _require_no_end(self, session: Session) -> list[dict[str, Any]]:
        """What supervisord says of its programs; Failure where one has been given up."""
        if not session.runs():
            raise Failure(
                "supervisord has ended by itself.", "Mend what the lines above say, then: inv local"
            )
        found = self._programs(session)
        for each in found:
            if each["state"] in {"FATAL", "EXITED"}:
                raise Failure(
                    f"The program {each['program']} stops by itself.",
                    f"Its log says why: inv local.logs {each['program']}",
                )
        return found

    # --- looking ------------------------------------------------------------------------------

    def is_running(self) -> bool:
        return sessions.current(self.root) is not None

    def require_running(self) -> None:
        if not self.is_running():
            raise Failure("The local stack does not run.", "Type: inv local")

    def rows(self) -> list[Row]:
        session = sessions.current(self.root)
        if session is None:
            return []
        programs = {each["process"]: each for each in self._programs(session)}
        database = programs.pop("db", {"state": "STOPPED", "uptime": 0})
        answers = postgres.is_ready(postgres.of(self.root), session.database_port)
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

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        self.require_running()
        session = sessions.current(self.root)
        if program not in {None, "app"} and session:
            self._require_program(session, program or "")
        require_tail(tail)

        def goes_on() -> bool:
            return follow and (self.is_running() or sessions.is_changing(self.root))

        count = None if tail == "all" else int(tail)
        return log.show(sessions.log_of(self.root), program, count, goes_on)

    def _require_program(self, session: Session, program: str) -> None:
        known = {str(each["program"]) for each in self._programs(session)}
        if known and program not in known:
            raise Failure(
                f"There is no program {program} in the local stack.",
                f"Type one of: {', '.join(sorted(known))}",
            )

    def _is_healthy(self, session: Session) -> bool:
        return self._run(session, "healthcheck").returncode == 0

    def _programs(self, session: Session) -> list[dict[str, Any]]:
        """What supervisord says of its programs; empty while it does not answer yet."""
        asked = self._run(session, "programs")
        answer: list[dict[str, Any]] = json.loads(asked.stdout) if asked.returncode == 0 else []
        return answer

    # --- running commands ---------------------------------------------------------------------

    def in_app(self, *command: str) -> int:
        with self._with_database() as session:
            env = session.environment(self.project)
            argv = [_found(command[0], env), *command[1:]]
            return run_attached(argv, cwd=self.root / "backend", env=env)

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        self.require_running()
        with self._with_database() as session:
            env = session.environment(self.project)
            argv = [_found(command[0], env), *command[1:]]
            folder = self.root / "backend"
            return subprocess.run(
                argv, cwd=folder, env=env, capture_output=True, text=True, check=False
            )

    def shell(self, program: str | None) -> int:
        with self._with_database() as session:
            env = session.environment(self.project)
            if program is not None:
                self._require_program(session, program)
            folder = self.root / ("frontend" if program == "vite" else "backend")
            return run_attached([_found("bash", env)], cwd=folder, env=env)

    def database(self) -> int:
        with self._with_database() as session:
            env = session.environment(self.project)
            password = Path(env["POSTGRES_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
            for name, ours in (("HOST", "HOST"), ("DATABASE", "DB"), ("USER", "USER")):
                env[f"PG{name}"] = env[f"POSTGRES_{ours}"]
            env["PGPASSWORD"] = password
            return run_attached([_found("psql", env)], cwd=self.root, env=env)

    def attach(self) -> int:
        self.require_running()
        return self.in_app("breakpoints.py")

    def run_tests(self, arguments: list[str]) -> int:
        return self.in_app("python", "-m", "pytest", *arguments)

    def settings_are_newer(self) -> bool:
        session = sessions.current(self.root)
        return session is not None and not self._is_as_asked(session)

    @contextlib.contextmanager
    def _with_database(self) -> Iterator[Session]:
        """The session that runs, or one of the database alone while the block lasts."""
        session = sessions.current(self.root)
        if session is not None:
            yield session
            return
        with sessions.alone(self.root):
            sessions.end(self.root)
            self.build()
            session = sessions.begin(self.project)
            try:
                self._wait_for_database(session)
                yield session
            finally:
                sessions.end(self.root)

    def _run(self, session: Session, program: str) -> subprocess.CompletedProcess[str]:
        env = session.environment(self.project)
        return subprocess.run(
            [_found(program, env)], env=env, capture_output=True, text=True, check=False
        )

    def _quietly(self, session: Session, title: str, program: str, *arguments: str) -> None:
        env = session.environment(self.project)
        run_quietly(
            title,
            [_found(program, env), *arguments],
            remedy="Mend what the lines above say, then: inv local",
            cwd=self.root / "backend",
            env=env,
        )


def _found(program: str, env: dict[str, str]) -> str:
    """Where a program is by the PATH that it will have, not by this process's own."""
    return shutil.which(program, path=env["PATH"]) or program
