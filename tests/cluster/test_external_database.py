"""`inv cluster` on this machine's engine with a database elsewhere, and HTTPS in front.

First with databases that cannot be used: two lines each, and nothing serves.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from docker import DockerClient

from stack.cluster import project as cluster_project
from stack.cluster.cluster import Cluster
from stack.cluster.project import ClusterProject
from stack.compose import address, ports
from stack.config import checkout_files, project_name, secrets
from stack.config.secrets import POSTGRES_PASSWORD
from tests.cluster import this_machine
from tests.cluster.conftest import Tell
from tests.support import external_servers, own_stack, reverse_proxy
from tests.support.external_servers import DATABASE, OWNER, PASSWORD, Server, Servers
from tests.support.invoke import done, inv, refusal
from tests.support.panel import Panel

NOT_ENCRYPTED = "?sslmode=disable"
SMALL_DISK = {"/tmp": "size=96m,mode=1777"}
"""It has room for an empty PostgreSQL."""

Change = Callable[..., None]


@pytest.fixture(scope="module")
def project(client: DockerClient, servers: Servers) -> Iterator[ClusterProject]:
    """A copy of the checkout whose cluster does not run yet; at the end all of it is removed."""
    with (
        this_machine.left_as_it_was(client),
        tempfile.TemporaryDirectory(prefix="alarm-cluster-") as folder,
    ):
        root = Path(folder, "checkout")
        own_stack.copy_checkout(root, own_stack.OWNER_BESIDE_ROOT)
        name = f"{project_name.from_path(root)}-test-{os.getpid()}"
        checkout_files.ensure(root, name)
        with (root / ".env").open("a", encoding="utf-8") as env:
            env.write(f"\n{own_stack.settings_of_builds()}")
        registry = ports.free_port()
        authority = external_servers.authority(servers, Path(folder))
        reverse_proxy.certificate(Path(folder))
        settings = {
            "CLUSTER_REGISTRY_PORT": str(registry),
            "DATABASE_CA": str(authority),
            "TLS_CERTIFICATE": str(Path(folder, "cert.pem")),
            "TLS_KEY": str(Path(folder, "key.pem")),
        }
        checkout_files.save(root, settings)
        secrets.replace(root, POSTGRES_PASSWORD, PASSWORD)
        made = replace(cluster_project.of_checkout(root), port=ports.free_port())
        try:
            yield made
        finally:
            inv(made, "cluster.reset", "--yes")
            this_machine.remove_images(client, made.name, f":{registry}/")


def url(servers: Servers, server: Server, more: str = "?sslmode=verify-full") -> str:
    """The address, by number: Swarm gives replicas no name for their own node."""
    found = external_servers.url(server, more=more)
    return found.replace(external_servers.HOST, servers.gateway)


def nothing(servers: Servers) -> str:
    return f"postgresql://{OWNER}@{servers.gateway}:{ports.free_port()}/{DATABASE}"


def without_tls(servers: Servers) -> str:
    return url(servers, servers.primary("ssl=off"), "?sslmode=require")


def replica(servers: Servers) -> str:
    return url(servers, servers.replica(servers.primary()))


def without_rights(servers: Servers) -> str:
    server = servers.primary()
    server.ask(f"ALTER DATABASE {DATABASE} OWNER TO postgres")
    return url(servers, server)


def full(servers: Servers) -> str:
    server = servers.primary(tmpfs=SMALL_DISK)
    fill = "dd if=/dev/zero of=/tmp/filled bs=1M; dd if=/dev/zero of=/tmp/filled.more bs=4k; true"
    server.container.exec_run(["sh", "-c", fill], user="postgres")
    return url(servers, server)


def test_another_machine_can_join_before_anything_runs(project: ClusterProject) -> None:
    said = done(project, "cluster.join", "--manager")
    assert "/certs.d/" in said
    assert "docker swarm join --token" in said
    assert "inv cluster.join --manager --rotate" in said
    assert Cluster(project).services() == {}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (nothing, "The external database does not answer"),
        (without_tls, "server does not support SSL"),
        (replica, "session is read-only"),
        (without_rights, "may not make tables"),
        (full, "disk is full"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused(
    project: ClusterProject,
    servers: Servers,
    made: Callable[[Servers], str],
    expected: str,
    tell: Tell,
) -> None:
    checkout_files.save(project.root, {"DATABASE_URL": made(servers)})
    said = refusal(inv(project, "cluster"))
    what, remedy = said.strip().splitlines()[-2:]
    tell(f"{what} {remedy.strip()}")
    assert expected in what
    assert "app" not in Cluster(project).services()


def test_the_cluster_serves_with_an_external_database(
    project: ClusterProject, servers: Servers, primary: Server
) -> None:
    checkout_files.save(project.root, {"DATABASE_URL": url(servers, primary)})
    said = done(project, "cluster", "--replicas=2")
    assert "✓ All as asked: app 2/2" in said
    assert "db" not in Cluster(project).services()
    where = address.of(project)
    assert where.url == f"https://localhost:{project.port}"
    plain = requests.get(f"http://localhost:{project.port}/", allow_redirects=False, timeout=30)
    assert (plain.status_code, plain.headers["Location"]) == (302, f"{where.url}/")
    panel = Panel(where)
    (token,) = re.findall(r"Setup token: (\S+)", said)
    panel.first_visit(token)
    assert panel.socket().wait_for("snapshot")["alarm"]["state"] == "disarmed"
    assert primary.ask(external_servers.ENCRYPTED) == ["t"]
    external_servers.wait_for_role(primary)


def test_its_backup_is_restored(project: ClusterProject, primary: Server) -> None:
    file = done(project, "cluster.backup").strip().splitlines()[0]
    primary.ask("CREATE TABLE after_the_backup ()", DATABASE)
    done(project, "cluster.restore", file, "--yes")
    assert primary.ask("SELECT to_regclass('after_the_backup')", DATABASE) == [""]
    assert "✓ All as asked" in done(project, "cluster.status")
    assert "42" in done(project, "cluster.db", piped="SELECT 6 * 7;\n")


def test_the_database_stays_when_the_cluster_is_removed(
    project: ClusterProject, primary: Server
) -> None:
    said = done(project, "cluster.reset", "--yes")
    assert "The external database is as it was." in said
    assert Cluster(project).services() == {}
    assert primary.ask("SELECT count(*) FROM people_person", DATABASE) == ["1"]
