"""PostgreSQL servers of a test's own, as processes: a primary, and a replica of it."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import environment, until

OWNER, PASSWORD, DATABASE = "owner", "of-the-owner-9", "panel"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """One server, in a folder that its user can enter, unlike pytest's."""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="alarm-server-")), free_port()
        self.data = self.folder / "data"
        self.process: subprocess.Popen | None = None
        programs = os.environ.get("POSTGRES_PROGRAMS")
        if not programs:
            pytest.skip("there are no programs of PostgreSQL")
        self.programs = Path(programs)
        self.identity: dict[str, Any] = {"cwd": self.folder}
        if os.geteuid() == 0:  # it refuses to run as root
            nobody = pwd.getpwnam("nobody")
            self.identity |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            shutil.chown(self.folder, nobody.pw_uid, nobody.pw_gid)

    def run(self, program: str, *arguments: str, **options: Any) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            **{"check": True, "capture_output": True, **self.identity, **options},
        )

    def make(self) -> "Server":
        """Make an empty cluster, whose superuser is `postgres`."""
        self.run("initdb", f"--pgdata={self.data}", "--username=postgres", "--auth=trust", "-N")
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host replication all 127.0.0.1/32 trust\n")
        return self

    def copy_of(self, primary: "Server") -> "Server":
        """Make a replica, which follows at once."""
        way = f"host=127.0.0.1 port={primary.port} user=postgres application_name=replica"
        quickly = ("--checkpoint=fast", "--no-sync", "--write-recovery-conf")
        self.run("pg_basebackup", f"--pgdata={self.data}", *quickly, "-d", way)
        return self

    def start(self, *options: str) -> "Server":
        settings = ("fsync=off", "unix_socket_directories=", "listen_addresses=127.0.0.1", *options)
        words = [word for setting in settings for word in ("-c", setting)]
        self.process = subprocess.Popen(
            [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), *words],
            stderr=subprocess.DEVNULL,
            **self.identity,
        )
        ready = [
            str(self.programs / "pg_isready"),
            "--quiet",
            "--host=127.0.0.1",
            f"--port={self.port}",
        ]
        until(lambda: subprocess.run(ready, check=False).returncode == 0, what="a server")
        return self

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self.process:
            self.process.send_signal(3)  # SIGQUIT: the immediate shutdown, without a checkpoint
            self.process.wait(30)
            self.process = None

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def promote(self) -> None:
        self.run("pg_ctl", "promote", f"--pgdata={self.data}", "--wait")

    def ask(self, sql: str, dbname: str = DATABASE, user: str = "postgres") -> list[Any]:
        """Run SQL; return the first column of its rows."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, dbname=dbname, autocommit=True
        ) as session:
            cursor = session.execute(sql)
            return [row[0] for row in cursor] if cursor.description else []

    def make_database(self, attributes: str = "CREATEROLE") -> "Server":
        """Make the panel's database and its owner, who is no superuser."""
        self.ask(f"CREATE ROLE {OWNER} LOGIN {attributes} PASSWORD '{PASSWORD}'", "postgres")
        self.ask(f"CREATE DATABASE {DATABASE} OWNER {OWNER}", "postgres")
        return self


def url(*servers: Server, user: str = OWNER, more: str = "") -> str:
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return f"postgresql://{user}:{PASSWORD}@{hosts}/{DATABASE}{more}"


def using(database_url: str, **changes: str) -> dict[str, str]:
    """Return the environment of a process that uses an external database."""
    beside = dict.fromkeys(("POSTGRES_HOST", "POSTGRES_DB", "POSTGRES_PASSWORD"), "")
    return environment(**beside, DATABASE_URL=database_url, **changes)
