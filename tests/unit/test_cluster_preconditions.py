"""What a cluster refuses before it changes anything."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stack.cluster import (
    converge,
    deploy,
    ha,
    judge,
    members,
    preconditions,
    service,
    swarm,
    update,
)
from stack.cluster import exec as exec_
from stack.cluster.judge import Migration
from stack.core.console import Failure
from tests.unit.test_cluster import replica


def cluster(*services: str, external: bool = False, failover: bool = False) -> Any:
    """One whose stack has these services, and whose `.env` names a form of the database."""
    return SimpleNamespace(
        name="house-cluster",
        root=Path("of-no-checkout"),
        client=None,
        services=lambda: dict.fromkeys(services),
        project=SimpleNamespace(has_external=external, is_highly_available=failover),
    )


@pytest.mark.parametrize(
    ("services", "wanted"),
    [
        ((), {}),
        (("registry",), {"failover": True}),
        (("app", "db"), {}),
        (("app", *ha.MEMBERS), {"failover": True}),
        (("app",), {"external": True}),
    ],
)
def test_the_same_form_of_database_is_what_is_asked_for(
    services: tuple[str, ...], wanted: dict[str, bool]
) -> None:
    preconditions.require_same_database(cluster(*services, **wanted))


@pytest.mark.parametrize(
    ("services", "wanted", "found"),
    [
        (("app", "db"), {"failover": True}, "one node's db"),
        (("app", "db"), {"external": True}, "one node's db"),
        (("app", *ha.MEMBERS), {}, "three nodes"),
        (("app",), {}, "an external database"),
    ],
)
def test_another_form_would_be_without_the_data(
    services: tuple[str, ...], wanted: dict[str, bool], found: str
) -> None:
    with pytest.raises(Failure) as caught:
        preconditions.require_same_database(cluster(*services, **wanted))
    assert f"The data of house-cluster are in {found}" in caught.value.what
    assert "inv cluster.restore FILE" in caught.value.remedy


def test_failover_begins_with_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm, "is_member", lambda client: False)
    with pytest.raises(Failure) as caught:
        preconditions.require_fit_for_ha(cluster())
    assert "inv cluster.join --manager" in caught.value.remedy


def test_failover_is_refused_beside_one_node_s_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm, "is_member", lambda client: True)
    monkeypatch.setattr(swarm, "require_manager", lambda client: None)
    with pytest.raises(Failure, match="one node's db"):
        preconditions.require_fit_for_ha(cluster("app", "db"))


@pytest.mark.parametrize(("number", "fits"), [(8, True), (9, False)])
def test_replicas_beyond_the_database_s_sessions_are_refused(
    monkeypatch: pytest.MonkeyPatch, number: int, fits: bool
) -> None:
    asked = SimpleNamespace(ask=lambda sql: ["300"])
    monkeypatch.setattr(preconditions, "Server", lambda project: asked)
    project: Any = SimpleNamespace(root=Path("of-no-checkout"))
    if fits:
        preconditions.require_sessions(project, number)
        return
    with pytest.raises(Failure, match="takes 300 sessions, which is enough for 8 replicas"):
        preconditions.require_sessions(project, number)


@pytest.mark.parametrize("name", ["DATABASE_DIRECT_URL", "DATABASE_DIRECT_URL_FILE"])
def test_a_pooler_has_the_sessions_of_all_replicas(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(preconditions, "Server", lambda project: pytest.fail("it was asked"))
    (tmp_path / ".env").write_text(f"{name}=server\n", encoding="utf-8")
    project: Any = SimpleNamespace(root=tmp_path)
    preconditions.require_sessions(project, 50)


def test_replicas_of_a_node_that_is_down_may_still_write(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(service, "set_number", lambda cluster, number: asked.append(number))
    lost = SimpleNamespace(id="n1", name="node3", state="down")
    found: Any = SimpleNamespace(nodes=lambda: [lost], replicas=lambda name: [replica()])
    with pytest.raises(Failure) as caught:
        service.stop(found, "Stopping")
    assert caught.value.what == "node3 cannot be reached, and a replica there may still write."
    assert "docker node demote node3 && docker node rm --force node3" in caught.value.remedy
    assert asked == []


@pytest.fixture
def rolls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A cluster that serves `new`, and served `old` before; what Swarm is told is kept."""
    labels = {deploy.IMAGE_BEFORE: "r/app:old@sha256:1"}
    spec: dict[str, Any] = {
        "Labels": labels,
        "TaskTemplate": {"ContainerSpec": {"Image": "r/app:new"}},
    }
    app = SimpleNamespace(attrs={"Spec": spec})
    made = cluster("app", "db")
    made.root, made.service, made.told = tmp_path, lambda name: app, []
    made.project = SimpleNamespace(root=tmp_path, name=made.name)

    def change(cluster: Any, verb: str, *words: str, **environment: str) -> None:
        made.told.append(words)
        spec["TaskTemplate"]["ContainerSpec"]["Image"] = words[words.index("--image") + 1]

    monkeypatch.setattr(service, "change", change)
    monkeypatch.setattr(exec_, "have", lambda cluster, image: None)
    monkeypatch.setattr(exec_, "beside", lambda cluster, image: cluster.project)
    monkeypatch.setattr(swarm, "data_address", lambda cluster: "192.0.2.1")
    monkeypatch.setattr(converge, "wait", lambda cluster, **options: None)
    monkeypatch.setattr(update, "_require_known_schema", lambda project, what: None)
    monkeypatch.setattr(update, "described", lambda cluster, image: image)
    return made


def test_a_rollback_notes_the_version_that_it_leaves(
    monkeypatch: pytest.MonkeyPatch, rolls: Any
) -> None:
    monkeypatch.setattr(judge, "pending", lambda project: [])
    update.rollback(rolls)
    (words,) = rolls.told
    added = [words[n + 1] for n, word in enumerate(words) if word == "--label-add"]
    assert added == [
        f"{deploy.IMAGE_BEFORE}=r/app:new",
        f"{service.OF_STACK_DEPLOY}=r/app:old",
    ]


def test_a_rollback_does_not_migrate(monkeypatch: pytest.MonkeyPatch, rolls: Any) -> None:
    found = [Migration("alarm", "0009_next", ())]
    monkeypatch.setattr(judge, "pending", lambda project: found)
    with pytest.raises(Failure, match="has migrations that the database lacks"):
        update.rollback(rolls)
    assert rolls.told == []


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (None, (5427, False)),
        (["CERTIFICATE=", "ACME_EMAIL="], (5427, False)),
        (["CERTIFICATE=1"], (5427, True)),
        (["ACME_EMAIL=anna@example.org"], (5427, True)),
    ],
)
def test_the_port_is_asked_as_traefik_has_it(
    variables: list[str] | None, expected: tuple[int, bool]
) -> None:
    spec = {
        "TaskTemplate": {"ContainerSpec": {"Env": variables}},
        "EndpointSpec": {"Ports": [{"PublishedPort": 5427}]},
    }
    traefik: Any = SimpleNamespace(attrs={"Spec": spec})
    assert converge.port_of(traefik) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("r:5000/app:1", "r:5000/app:1@sha256:1", True),
        ("docker.io/me/app:1", "me/app:1@sha256:1", True),
        ("index.docker.io/library/app:1", "app:1", True),
        ("r:5000/app:1", "r:5000/app:2", False),
    ],
)
def test_the_engine_s_name_of_an_image_is_that_image(one: str, other: str, same: bool) -> None:
    assert deploy.is_same_image(one, other) is same


def test_a_manager_without_a_member_does_not_call_the_database_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(members, "facts", lambda cluster: None)
    found = cluster("app", *members.SERVICES, failover=True)
    assert len(members.problems(found)) == 1
    assert members.problems(cluster("registry", failover=True)) == []


def test_an_upgrade_leaves_the_members_of_the_database_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[tuple[set[str], bool]] = []

    def hand_over(deployment: Any, made: Any, *, prune: bool) -> None:
        handed.append((set(made["services"]), prune))

    monkeypatch.setattr(deploy, "hand_over", hand_over)
    made = {"services": dict.fromkeys(("app", *members.SERVICES))}
    for found in (cluster("app", *members.SERVICES), cluster("app", "db")):
        deployment: Any = SimpleNamespace(cluster=found)
        members.hand_over_others(deployment, made)
    assert handed == [({"app"}, False), (set(made["services"]), True)]
