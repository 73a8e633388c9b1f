"""The processes of a stack without containers: started, found again, ended.

supervisord runs in a session of its own, so it outlives the process that started it.
`.local/running.json` says which process it is. Each start makes a new folder for sockets (RUN_DIR).
Its path is in the environment of each process of that session, so those that outlive supervisord
are found by it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import functools
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil
from psutil import Process

from stack.compose import ports
from stack.compose.project import Project
from stack.core import files
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until
from stack.local import postgres, programs
from stack.local.postgres import has_ended

END_SECONDS = 20
"""How long a process may take to end before it is killed."""

SOCKET_BYTES = 103
"""The longest path of a socket: macOS's limit; Linux has 107."""

LOCK_SECONDS = 180
"""How long another `inv local` in the same checkout may take to start or stop the stack."""

# As in docker/common/bin/run-supervisord, which says why two lines are dropped.
SUPERVISORD = """
quiet='/without any HTTP authentication/d; /Supervisor is running as root/d'
exec supervisord --configuration "$1" --logfile >(exec sed -u "$quiet; s/^/supervisor | /")
"""


@dataclass(frozen=True)
class Session:
    """One run of supervisord, as `.local/running.json` keeps it."""

    root: str
    pid: int
    """0 until supervisord was started."""
    started: float
    """When it started, in seconds since 1970: another process may have its number by now."""
    run_dir: str
    port: int
    backend_port: int
    database_port: int
    settings: str
    """The text of `.env` at the start."""

    @functools.cache  # noqa: B019  # a command knows one or two, and ends
    def environment(self, project: Project) -> dict[str, str]:
        """The environment of its processes."""
        database = postgres.database_of(project.root)
        ours = (self.run_dir, self.backend_port, self.database_port)
        return programs.environment(project, database, *ours)

    def runs(self) -> bool:
        """Whether its supervisord still runs."""
        if not self.pid:
            return False
        try:
            process = psutil.Process(self.pid)
        except psutil.NoSuchProcess:
            return False
        return not has_ended(process) and abs(process.create_time() - self.started) < 1


def file_of(root: Path) -> Path:
    return root / ".local" / "running.json"


def log_of(root: Path) -> Path:
    return root / ".local" / "log"


def settings_of(root: Path) -> str:
    env = root / ".env"
    return env.read_text(encoding="utf-8-sig") if env.exists() else ""


def recorded(root: Path) -> Session | None:
    """The session that was last begun from this checkout, whether or not it still runs."""
    try:
        session = Session(**json.loads(file_of(root).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    # A checkout that was copied has a copy of another's file.
    return session if session.root == str(root.resolve()) else None


def current(root: Path) -> Session | None:
    """The session that runs."""
    session = recorded(root)
    return session if session and session.runs() else None


def begin(project: Project) -> Session:
    """Start supervisord with the database; the other programs wait to be started."""
    root = project.root
    run_dir = f"{parent_of_sockets()}/alarm-local-{secrets.token_hex(4)}"
    backend, database = ports.free_port(), ports.free_port()
    session = Session(
        root=str(root.resolve()),
        pid=0,
        started=0,
        run_dir=run_dir,
        port=project.port,
        backend_port=backend,
        database_port=database,
        settings=settings_of(root),
    )
    # What an interruption leaves from here on, `end` finds by RUN_DIR.
    _record(session)
    os.mkdir(run_dir, 0o700)
    config = root / ".local" / "supervisord.conf"
    config.write_text(programs.configuration(root), encoding="utf-8")
    env = programs.environment(project, postgres.database_of(root), run_dir, backend, database)
    with open(os.open(log_of(root), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        started = subprocess.Popen(
            ["app-environment", "bash", "-c", SUPERVISORD, "bash", str(config)],
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    create_time = psutil.Process(started.pid).create_time()
    session = dataclasses.replace(session, pid=started.pid, started=create_time)
    _record(session)
    return session


def _record(session: Session) -> None:
    file = file_of(Path(session.root))
    file.write_text(json.dumps(asdict(session)), encoding="utf-8")


def parent_of_sockets() -> str:
    """A folder so short that the path of a socket in a folder in it is valid; not the checkout."""
    longest = SOCKET_BYTES - len("/alarm-local-12345678/breakpoint-4194304.sock")
    own = tempfile.gettempdir()
    return own if len(os.fsencode(own)) <= longest else "/tmp"


def end(root: Path) -> None:
    """End the session, if there is one, and every process that is left of it."""
    session = recorded(root)
    processes = _processes(session) if session else []
    if session and session.runs():
        processes[0].terminate()
        _have_ended(processes, seconds=END_SECONDS)
    # Before the sed of log-prefix, its child: PostgreSQL treats the end of a child as a crash.
    if (root / ".local" / "database").is_dir():
        postgres.end_remains(postgres.database_of(root))
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _have_ended(processes, seconds=5)
    if session:
        shutil.rmtree(session.run_dir, ignore_errors=True)
    file_of(root).unlink(missing_ok=True)


def _processes(session: Session) -> list[Process]:
    """supervisord, if it runs, then its processes, also those that outlived it."""
    found: list[Process] = []
    if session.runs():
        supervisord = psutil.Process(session.pid)
        found += [supervisord, *supervisord.children(recursive=True)]
    us = psutil.Process()
    left_out = {us, *us.parents(), *found}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process not in left_out and process.environ().get("RUN_DIR") == session.run_dir:
                found.append(process)
    return found


def _have_ended(processes: Sequence[Process], seconds: float) -> bool:
    try:
        return wait_until("their end", lambda: all(map(has_ended, processes)), seconds=seconds)
    except NeverHappened:
        return False


@contextlib.contextmanager
def lock(root: Path) -> Iterator[None]:
    """One `inv local` at a time starts or stops the stack of a checkout; others wait for it."""
    with files.explain_write_errors(root):
        (root / ".local").mkdir(exist_ok=True)
        file = (root / ".local" / "lock").open("w")
    with file as lock:
        try:
            wait_until("the lock", lambda: _try_lock(lock), seconds=LOCK_SECONDS)
        except NeverHappened as error:
            raise Failure(
                f"Another inv local has locked this stack for {LOCK_SECONDS} s.",
                "Stop that one, then type this again.",
            ) from error
        yield


def is_locked(root: Path) -> bool:
    """Whether another command starts or stops the stack at the moment."""
    with (root / ".local" / "lock").open("w") as lock:
        return not _try_lock(lock)


def _try_lock(lock: IO[str]) -> bool:
    """Take the lock, until the file is closed, unless another process has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
