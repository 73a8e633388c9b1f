"""PostgreSQL servers outside of a stack: a primary with TLS, its replica, and PgBouncer.

They listen on the engine's bridge, which containers reach as host.docker.internal.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container

from stack.compose.ports import free_port
from stack.config.modes import ROOT
from stack.core.polling import wait_until
from stack.images import base_images
from tests.support import newer_postgres

HOST = "host.docker.internal"
OWNER, DATABASE = "keeper", "panel"
PASSWORD, ADMIN_PASSWORD = "of-the-keeper-17", "of-the-administrator-3"
TLS = ("ssl=on", "ssl_cert_file=/tls/server.crt", "ssl_key_file=/tls/server.key")
LABEL = "alarm.test-server"

SERVING = f"""
SELECT DISTINCT usename FROM pg_stat_activity
WHERE datname = '{DATABASE}' AND application_name IN ('alarm', 'alarm broadcast', 'alarm leader')
"""
"""The roles of the programs that serve."""

ENCRYPTED = f"""
SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = '{DATABASE}'
"""

REPLICA = """
export PGPASSWORD={password}
pg_basebackup --pgdata=$PGDATA --checkpoint=fast --no-sync --write-recovery-conf \
    --dbname="host={host} port={port} user=postgres application_name=replica"
chmod 700 $PGDATA
exec postgres -c ssl=on -c ssl_cert_file=/tls/server.crt -c ssl_key_file=/tls/server.key
"""
POOLER = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = *
listen_port = 5432
pool_mode = {mode}
auth_type = scram-sha-256
auth_user = postgres
auth_dbname = postgres
auth_file = /tls/users
auth_query = SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1
max_prepared_statements = 0
ignore_startup_parameters = extra_float_digits{ignored}
"""


@dataclass(frozen=True)
class Server:
    """A container, and its port on the engine's bridge."""

    container: Container
    port: int

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    def ask(self, sql: str, database: str = "postgres") -> list[str]:
        """The rows that SQL returns to the administrator."""
        argv = ["psql", "-XqAt", "--username=postgres", f"--dbname={database}", f"--command={sql}"]
        asked = self.container.exec_run(argv)
        assert isinstance(asked.output, bytes)
        assert asked.exit_code == 0, asked.output
        return asked.output.decode().splitlines()


def url(*servers: Server, more: str = "?sslmode=verify-full") -> str:
    """The address without the password."""
    return f"postgresql://{OWNER}@{','.join(s.host for s in servers)}/{DATABASE}{more}"


def wait_for_role(server: Server) -> None:
    """Wait until what serves is connected, and with its own role alone."""
    own = [f"{OWNER}_app"]
    wait_until("the role of the app", lambda: server.ask(SERVING) == own, seconds=60)


def certificate(folder: Path, address: str) -> Path:
    """Make a certificate for HOST and its address, its own authority, with its key beside it."""
    made = folder / "server.crt"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make += ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:{address}"]
    make += ["-keyout", str(folder / "server.key"), "-out", str(made)]
    subprocess.run(make, check=True, capture_output=True)
    made.chmod(0o644)
    return made


class Servers:
    """Makes servers with the files of a folder; all are removed at the end."""

    def __init__(self, client: DockerClient, image: str, folder: Path) -> None:
        self.client, self.image, self.folder = client, image, folder
        network = client.networks.get("bridge")
        self.gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
        self.made: list[Container] = []

    def primary(self, *options: str, **of_container: object) -> Server:
        """A server with the panel's empty database, whose owner is no superuser.

        `options` are PostgreSQL's, and `of_container` the SDK's.
        """
        words = [word for option in (*TLS, *options) for word in ("-c", option)]
        server = self._start(self.image, ["postgres", *words], **of_container)
        rules = "host replication all all scram-sha-256"
        server.container.exec_run(["sh", "-c", f"echo {rules} >>$PGDATA/pg_hba.conf"])
        server.ask("SELECT pg_reload_conf()")
        server.ask(f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'")
        server.ask(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        return server

    def replica(self, primary: Server) -> Server:
        """A replica, for whose copy the primary waits with each commit from now on."""
        script = REPLICA.format(host=self.gateway, port=primary.port, password=ADMIN_PASSWORD)
        server = self._start(self.image, ["bash", "-euc", script], user="postgres")
        primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.ask("SELECT pg_reload_conf()")
        return server

    def pooler(self, of: Server, mode: str = "transaction", *, ignored: str = "") -> Server:
        """PgBouncer in front of a server, which it asks for the passwords."""
        text = POOLER.format(host=self.gateway, port=of.port, mode=mode, ignored=ignored)
        (self.folder / "pgbouncer.ini").write_text(text)
        (self.folder / "users").write_text(f'"postgres" "{ADMIN_PASSWORD}"\n')
        image = newer_postgres.image(self.client)
        command = ["pgbouncer", "/tls/pgbouncer.ini"]
        return self._start(image, command, entrypoint=[], user="postgres")

    def _start(self, image: str, command: list[str], **options: object) -> Server:
        port = free_port()
        container = self.client.containers.create(
            image,
            command,
            environment={"PGDATA": "/tmp/data", "POSTGRES_PASSWORD": ADMIN_PASSWORD},
            ports={"5432/tcp": (self.gateway, port)},
            labels={LABEL: "yes"},
            **options,  # type: ignore[arg-type]  # the SDK's own
        )
        self.made.append(container)
        container.put_archive("/", self._files())
        container.start()
        probe = ["pg_isready", "--quiet", "--host=127.0.0.1"]
        wait_until("a server", lambda: container.exec_run(probe).exit_code == 0, seconds=90)
        return Server(container, port)

    def _files(self) -> bytes:
        """The folder as a tar, of PostgreSQL's user, which accepts no key that others can read."""
        text = io.BytesIO()
        with tarfile.open(fileobj=text, mode="w") as tar:
            for file in sorted(self.folder.iterdir()):
                member = tar.gettarinfo(file, f"tls/{file.name}")
                member.uid = member.gid = 999
                member.mode = 0o600
                with file.open("rb") as content:
                    tar.addfile(member, content)
        return text.getvalue()


def authority(servers: Servers, folder: Path) -> Path:
    """The authority's certificate in a folder that the owner of a checkout's copy can enter."""
    made = folder / "ca.pem"
    made.write_bytes((servers.folder / "server.crt").read_bytes())
    for path in (made, *made.parents):
        if not path.stat().st_mode & 0o005:
            path.chmod(path.stat().st_mode | 0o055)
    made.chmod(0o444)
    return made


@contextmanager
def servers(client: DockerClient, folder: Path) -> Iterator[Servers]:
    """Servers of the image that stacks have by default, with a new certificate in the folder."""
    wanted = {name: image for name, image in base_images.defaults().items() if "POSTGRES" in name}
    (choice,) = base_images.choose(client, ROOT, wanted)
    made = Servers(client, choice.image, folder)
    certificate(folder, made.gateway)
    try:
        yield made
    finally:
        for container in made.made:
            container.remove(force=True, v=True)
