"""What the cluster's modules make of what Swarm and the replicas say."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from stack.cli import backup_tasks, cluster_tasks, interrupted
from stack.cli.arguments import add_flags
from stack.cluster import (
    converge,
    deploy,
    logs,
    members,
    networks,
    objects,
    registry,
    report,
    service,
    up,
    update,
)
from stack.cluster.cluster import Cluster, Node, Replica
from stack.cluster.project import ClusterProject, of_checkout
from stack.cluster.registry import Registry
from stack.compose import ports
from stack.config.modes import CLUSTER
from stack.core.console import Failure
from stack.engine import docker_engine

METRICS = """
app_build_info{revision="abc",version="1.2.3"} 1.0
health_check_success{check="database"} 1.0
health_check_success{check="worker"} 0.0
websocket_connections 7.0
worker_lead_info{host="0123456789ab"} 1.0
"""


def node(name: str, role: str = "worker", architecture: str = "x86_64") -> Node:
    return Node(name, name, "", "ready", "active", role, architecture, 1, "26.1")


def replica(**given: Any) -> Replica:
    return Replica(
        **{
            "id": "t1",
            "service": "app",
            "slot": 1,
            "node": "n1",
            "state": "running",
            "wanted": "running",
            "error": "",
            "container": "0123456789abcdef",
            "image": "r:5000/app:1@sha256:1",
            "addresses": ("10.0.3.4/24",),
            "since": datetime.now(UTC).isoformat(),
            "spec": {"ContainerSpec": {"Image": "r:5000/app:1@sha256:1"}},
            **given,
        }
    )


def test_a_replicas_metrics_are_read() -> None:
    answer = report.read(METRICS, 0.5)
    assert answer == report.Answer("1.2.3 (abc)", 7, ("worker",), "0123456789ab", 0.5)


def test_the_replica_that_leads_is_found_by_its_host_name() -> None:
    answer = report.read(METRICS)
    row = report._row(replica(), {"n1": "one"}, answer, replica().image)
    assert row.leads
    assert not row.behind
    other = report._row(replica(container="fedcba"), {}, answer, "r:5000/app:2@sha256:2")
    assert not other.leads
    assert other.behind


def test_nodes_of_another_processor_are_told_of() -> None:
    nodes = [node("one", "leader", "x86_64"), node("two", "worker", "aarch64")]
    (problem,) = report._other_processors(nodes)
    assert "two is aarch64" in problem


def test_a_node_without_traefik_is_named() -> None:
    drained = dataclasses.replace(node("three"), availability="drain")
    rows = [report.Row("traefik", "one", "running"), report.Row("app", "two", "running")]
    (problem,) = report.without_traefik([node("one"), node("two"), drained], rows)
    assert problem.startswith("The node two has no Traefik, so its port is closed")


class Swarm:
    """A cluster that has one service, with these replicas."""

    root = Path("of-no-checkout")

    def __init__(self, replicas: list[Replica], **status: Any) -> None:
        template = {"ContainerSpec": {"Image": "r:5000/app:1@sha256:1"}}
        spec = {"TaskTemplate": template, "Mode": {"Replicated": {"Replicas": len(replicas)}}}
        self.service = SimpleNamespace(attrs={"Spec": spec, "UpdateStatus": status})
        self.found = replicas

    def services(self) -> dict[str, Any]:
        return {"app": self.service}

    def replicas(self, name: str) -> list[Replica]:
        return self.found

    all_replicas = replicas

    def nodes(self) -> list[Node]:
        return []


def watch(swarm: Swarm, **options: Any) -> converge.Watch:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return converge.Watch(swarm, since, **options)  # type: ignore[arg-type]  # a stand-in


def test_replicas_of_the_asked_image_that_run_are_what_was_asked() -> None:
    assert watch(Swarm([replica(), replica()])).is_done()


def test_a_replica_of_the_old_image_is_waited_for() -> None:
    old = replica(spec={"ContainerSpec": {"Image": "older"}})
    assert not watch(Swarm([replica(), old])).is_done()


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ("r:5000/app:1@sha256:1", "", "r:5000/app:1@sha256:1"),
        ("r:5000/app:1@sha256:1", "r:5000/app:0", "r:5000/app:1@sha256:1"),
        ("r:5000/app:2@sha256:2", "r:5000/app:1", "r:5000/app:1"),
        ("r:5000/app:2", "", None),
    ],
)
def test_a_deployment_notes_which_image_served_before(
    now: str, before: str, expected: str | None
) -> None:
    spec = {
        "TaskTemplate": {"ContainerSpec": {"Image": now}},
        "Labels": {deploy.IMAGE_BEFORE: before} if before else None,
    }
    made: dict[str, Any] = {
        "image": "r:5000/app:2",
        "deploy": {"labels": {"traefik.enable": "true"}},
    }
    deploy.note_image_before(made, SimpleNamespace(attrs={"Spec": spec}))  # type: ignore[arg-type]  # a stand-in
    assert made["deploy"]["labels"].pop("traefik.enable") == "true"
    assert made["deploy"]["labels"].get(deploy.IMAGE_BEFORE) == expected


def test_an_update_that_goes_on_is_waited_for() -> None:
    assert not watch(Swarm([replica()], State="updating")).is_done()


def test_a_rollback_by_swarm_is_a_failure_unless_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(converge, "last_lines", lambda replica: [])
    status = {"State": "rollback_completed", "StartedAt": "2026-02-01T00:00:00.123456789Z"}
    with pytest.raises(Exception, match="has taken the old version of app back"):
        watch(Swarm([replica()], **status)).is_done()
    assert watch(Swarm([replica()], **status), rolls_back=True).is_done()
    earlier = {**status, "StartedAt": "2025-02-01T00:00:00Z"}
    assert watch(Swarm([replica()], **earlier)).is_done()


def test_replicas_that_end_by_themselves_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converge, "last_lines", lambda replica: ["why"])
    failed = replica(state="failed", error="task: non-zero exit (1)")
    with pytest.raises(Exception, match=r"app does not start: task: non-zero exit \(1\)"):
        watch(Swarm([failed] * 3)).is_done()
    assert not watch(Swarm([failed])).is_done()
    taken = replica(state="failed", error="Bind for 0.0.0.0:5427 failed: port is already allocated")
    with pytest.raises(Exception, match="No node has the port of app free"):
        watch(Swarm([taken] * 3)).is_done()
    absent = replica(state="rejected", error="No such image: r:5000/app:1")
    with pytest.raises(Exception, match="cannot get the image of app from the registry"):
        watch(Swarm([absent] * 3)).is_done()


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("no suitable node (insufficient resources on 1 node)", "No node has memory left"),
        ("no suitable node (host-mode port already in use on 1 node)", "has the port of app free"),
        ("no suitable node (unsupported platform on 1 node)", "processor that the image"),
        ("no suitable node (scheduling constraints)", "No node can take a replica of app"),
    ],
)
def test_why_no_node_takes_a_replica(reason: str, says: str) -> None:
    pending = replica(state="pending", error=reason, since="2026-06-01T00:00:00Z")
    with pytest.raises(Exception, match=says):
        watch(Swarm([pending])).is_done()
    just_now = replica(state="pending", error=reason)
    assert not watch(Swarm([just_now])).is_done()


def test_the_log_names_the_node_and_the_service() -> None:
    log = ["h-cluster_db.1.abc123@node-1    | ready\n", "other\n"]
    assert list(logs.named("db", log)) == ["node-1 db         | ready\n", "other\n"]
    app = ["h-cluster_app.2.abc@n | nginx      | GET\n", "h-cluster_app.1.abc@n | worker | x\n"]
    assert list(logs.named("app", app, "worker")) == ["n worker | x\n"]


def test_a_secrets_name_changes_with_its_content(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    file.write_text("one\n", encoding="ascii")
    given = {"secret_key": {"file": str(file)}, "tls_key": {"file": str(tmp_path / "none")}}
    first = objects.wanted("house-cluster", given)
    assert list(first) == ["secret_key"]
    file.write_text("two\n", encoding="ascii")
    assert objects.wanted("house-cluster", given)["secret_key"][0] != first["secret_key"][0]


def test_a_name_in_swarm_is_short_enough() -> None:
    name = objects.name_of("a" * 80, "database_replication_password", b"x")
    assert len(name) <= 64
    assert "_database_replication_password-" in name


def test_an_image_is_called_after_the_registry() -> None:
    used = Registry("10.0.0.1:5000", True, "secret")
    assert used.reference("house-cluster-app", "1a") == "10.0.0.1:5000/house-cluster-app:1a"
    assert used.reference("alarm-bases/traefik:3.7", "1a") == "10.0.0.1:5000/alarm-bases/traefik:1a"


def test_the_registrys_password_is_in_no_file_of_the_user() -> None:
    used = Registry("10.0.0.1:5000", True, "secret")
    with used.docker_config() as environment:
        folder = Path(environment["DOCKER_CONFIG"])
        found = json.loads((folder / "config.json").read_text(encoding="ascii"))
        assert (folder / "config.json").stat().st_mode & 0o077 == 0
    token = found["auths"]["10.0.0.1:5000"]["auth"]
    assert base64.b64decode(token) == b"cluster:secret"
    assert not folder.exists()
    with Registry("registry.example.org/home").docker_config() as environment:
        assert environment == {}


def test_a_certificate_and_its_key_are_told_apart() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nk\n-----END PRIVATE KEY-----"
    certificate = "-----BEGIN CERTIFICATE-----\nc\n-----END CERTIFICATE-----"
    assert registry.split_pem(f"{key}\n{certificate}\n") == (key, certificate)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("app", "is not a service and a number"),
        ("app=0", "is not a service and a number"),
        ("app=100", "is not a service and a number"),
        ("db=2", "The service db cannot have several replicas"),
    ],
)
def test_what_cannot_be_scaled_is_refused(words: str, says: str) -> None:
    cluster = Cluster(ClusterProject(CLUSTER, "house-cluster", 5427))
    with pytest.raises(Exception, match=says):
        update.scale(cluster, words)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"ALARM_BIND": "192.168.1.2"}, "ALARM_BIND names an address"),
        ({"MQTT_PUBLISH": "192.168.1.2:1883"}, "MQTT_PUBLISH names an address"),
        ({"CLUSTER_ACME_EMAIL": "a@b.org"}, "and CLUSTER_DOMAIN is not"),
        ({"CLUSTER_ACME_EMAIL": "a@b.org", "CLUSTER_DOMAIN": "b.org"}, "needs port 443"),
    ],
)
def test_settings_that_a_cluster_cannot_have_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: dict[str, str], says: str
) -> None:
    monkeypatch.setenv("ALARM_NAME", "house")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match=says):
        of_checkout(tmp_path)


def test_the_flags_of_the_clusters_words() -> None:
    assert add_flags(["cluster.scale", "app=4"]) == ["cluster.scale", "--service=app=4"]
    assert add_flags(["cluster.drain", "n1", "--undo"]) == ["cluster.drain", "--node=n1", "--undo"]


def test_what_swarm_refuses_is_two_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho 'rpc error'; exit 1\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    cluster = Cluster(ClusterProject(CLUSTER, "house-cluster", 5427, tmp_path))
    with pytest.raises(Exception, match="Swarm refuses docker service scale"):
        service.set_number(cluster, 2)


def test_a_cluster_without_the_app_is_not_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    swarm = Swarm([replica(service="registry")])
    monkeypatch.setattr(swarm, "services", lambda: {"registry": swarm.service})
    monkeypatch.setattr(report, "_ask_replicas", lambda cluster: {})
    monkeypatch.setattr(members, "problems", lambda cluster: [])
    found = report.look(swarm)  # type: ignore[arg-type]  # a stand-in
    assert found.services == {"registry": "1/1"}
    assert found.problems == ["The app was not started yet: the last command did not get so far"]


def test_too_little_memory_is_refused_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mib = 1024**2
    made = {"services": {"app": {"deploy": {"resources": {"reservations": {"memory": 512 * mib}}}}}}
    monkeypatch.setattr(deploy, "make_file", lambda *words: made)
    only = SimpleNamespace(memory=1000 * mib)
    cluster = SimpleNamespace(nodes=lambda: [only], node=lambda: only)
    deployment: Any = SimpleNamespace(
        cluster=cluster, images_of=set, registry=SimpleNamespace(is_own=True)
    )
    started: list[str] = []
    monkeypatch.setattr(up, "_start_registry", lambda deployment: started.append("registry"))
    with pytest.raises(Failure) as caught:
        up.start_database(deployment, up.Choices())
    assert caught.value.what == "This node has 1000 MiB of memory; the cluster needs 1024 MiB."
    assert "APP_MEMORY" in caught.value.remedy
    assert started == []


def test_the_cluster_lists_its_backups_as_production_does() -> None:
    verbs = cluster_tasks.collection().task_names
    assert {"adopt", "backup", "backups", "restore"} <= set(verbs)
    of_data = {task.name: task for task in backup_tasks.OF_DATA}
    for name, task in of_data.items():
        assert cluster_tasks.collection()[name] is task


def test_ctrl_c_says_in_two_lines_what_is_left() -> None:
    with pytest.raises(Failure) as caught, interrupted.in_two_lines():
        raise KeyboardInterrupt
    assert str(caught.value) == "✗ Interrupted.\n  → Nothing was changed or left behind."
    assert caught.value.code == 130
    with (
        pytest.raises(Failure, match="type: inv cluster"),
        interrupted.in_two_lines("To finish, type: inv cluster"),
    ):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("stack", "stop"),
    [("home-cluster", "inv cluster.down"), ("other", "docker stack rm other")],
)
def test_what_swarm_runs_at_a_port_is_stopped_by_its_stack(
    monkeypatch: pytest.MonkeyPatch, stack: str, stop: str
) -> None:
    container = SimpleNamespace(
        name=f"{stack}_traefik.1.abc",
        labels={"com.docker.stack.namespace": stack},
        ports={"8080/tcp": [{"HostPort": "5427"}]},
    )
    client = SimpleNamespace(containers=SimpleNamespace(list=lambda: [container]))
    monkeypatch.setattr(docker_engine, "connect_if_there", lambda: client)
    monkeypatch.setattr(ports, "name_of", lambda root: "home")
    assert ports.holder(5427) == (stack, f"Stop it: {stop}")


def test_a_network_that_swarm_holds_keeps_nothing_else_from_its_removal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = {"front": True, "inside": False}

    def remove(name: str) -> None:
        if left[name]:
            raise APIError("in use by task")
        left.pop(name)

    def found(filters: Any) -> list[Any]:
        return [SimpleNamespace(remove=lambda name=name: remove(name)) for name in left]

    client = SimpleNamespace(networks=SimpleNamespace(list=found))
    said: list[str] = []
    monkeypatch.setattr(networks, "say", said.append)
    monkeypatch.setattr(networks, "SECONDS_TO_END", 0.1)
    networks.remove(SimpleNamespace(client=client, name="home-cluster"))  # type: ignore[arg-type]  # a stand-in
    assert [*left] == ["front"]
    assert len(said) == 1
