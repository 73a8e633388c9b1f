"""The processes of a stack without containers: started, found again, ended.

supervisord runs in a session of its own, so it outlives the process that started it.
`.local/running.json` says which process it is. Each of its programs carries the name of its
folder for sockets (RUN_DIR), which no other process ever had: that is how those are found whose
supervisord was killed.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose import ports
from stack.compose.project import Project
from stack.core import files
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until
from stack.local import postgres, programs
from stack.local.postgres import has_ended

if TYPE_CHECKING:
    from psutil import Process

END_SECONDS = 20
"""What still runs so long after it was asked to end is killed."""

BEGUN_SECONDS = 180
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
    started: float
    """The process's own start, in seconds since 1970: a number alone may be another's by now."""
    run_dir: str
    port: int
    backend_port: int
    database_port: int
    settings: str
    """`.env` as it was; what changes it asks for a new start."""

    @functools.cache  # noqa: B019  # a command knows one or two, and ends
    def environment(self, project: Project) -> dict[str, str]:
        """What its programs find in their environment."""
        database = postgres.of(project.root)
        ours = (self.run_dir, self.backend_port, self.database_port)
        return programs.environment(project, database, *ours)

    def runs(self) -> bool:
        """Whether its supervisord still runs."""
        process = _process(self.pid)
        if process is None or has_ended(process):
            return False
        return abs(process.create_time() - self.started) < 1


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
    run_dir = tempfile.mkdtemp(
        prefix="alarm-local-"
    )  # short: a socket's path has at most 107 bytes
    config = root / ".local" / "supervisord.conf"
    config.write_text(programs.configuration(root), encoding="utf-8")
    backend, database = ports.free_port(), ports.free_port()
    env = programs.environment(project, postgres.of(root), run_dir, backend, database)
    with open(os.open(log_of(root), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        started = subprocess.Popen(
            ["bash", "-c", SUPERVISORD, "bash", str(config)],
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    process = _process(started.pid)
    if process is None:
        raise Failure("supervisord has ended by itself.", f"Its log says why: {log_of(root)}")
    session = Session(
        root=str(root.resolve()),
        pid=started.pid,
        started=process.create_time(),
        run_dir=run_dir,
        port=project.port,
        backend_port=backend,
        database_port=database,
        settings=settings_of(root),
    )
    file_of(root).write_text(json.dumps(asdict(session)), encoding="utf-8")
    return session


def end(root: Path) -> None:
    """End the session and everything that is left of it; nothing happens where there is nothing."""
    session = recorded(root)
    processes = _processes(session) if session else []
    if session and session.runs():
        processes[0].terminate()
        _have_ended(processes, seconds=END_SECONDS)
    # Before the program that names its lines of the log: PostgreSQL is that one's parent, and
    # takes it for a crash of its own when a child of it is killed.
    if (root / ".local" / "database").is_dir():
        postgres.end_remains(postgres.of(root))
    for kind in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                if not has_ended(process):
                    process.send_signal(kind)
        if _have_ended(processes, seconds=5):
            break
    if session:
        shutil.rmtree(session.run_dir, ignore_errors=True)
    file_of(root).unlink(missing_ok=True)


def _processes(session: Session) -> list[Process]:
    """supervisord, where it runs, then its programs, and those that carry its folder's name."""
    import psutil

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
def alone(root: Path) -> Iterator[None]:
    """One `inv local` at a time starts or stops the stack of a checkout; others wait for it."""
    import fcntl

    with files.explain_write_errors(root):
        (root / ".local").mkdir(exist_ok=True)
        file = (root / ".local" / "lock").open("w")
    with file as lock:

        def taken() -> bool:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True

        try:
            wait_until("the lock", taken, seconds=BEGUN_SECONDS, ignoring=(BlockingIOError,))
        except NeverHappened as error:
            raise Failure(
                f"Another inv local has held this stack for {BEGUN_SECONDS} s.",
                "End that one, then again.",
            ) from error
        yield


def is_changing(root: Path) -> bool:
    """Whether another command starts or stops the stack at the moment."""
    import fcntl

    with (root / ".local" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _process(pid: int) -> Process | None:
    import psutil

    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
