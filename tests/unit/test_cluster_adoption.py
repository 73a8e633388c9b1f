"""`inv cluster.adopt`: what it refuses, in which order it undoes, what it copies."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from invoke.context import Context
from invoke.exceptions import Exit

from stack.cli import cluster_tasks
from stack.cluster import adoptable, adoption, commands, converge, deploy, swarm
from stack.cluster import up as up_
from stack.cluster.adoption import Move
from stack.compose import health, lifecycle
from stack.config import version
from stack.core import rollback
from stack.core.console import Failure
from stack.core.rollback import Undo
from stack.database import client, server

GIB = 1024**3


class Container:
    """One of production's."""

    def __init__(self, name: str, done: list[str], status: str = "running") -> None:
        self.name, self.done, self.status = name, done, status
        self.labels: dict[str, str] = {}

    def stop(self) -> None:
        self.done.append(f"stop {self.name}")

    def start(self) -> None:
        self.done.append(f"start {self.name}")


class Production:
    """A single-node installation."""

    name = "home-prod"
    is_external = False
    external = None
    root = Path()

    def __init__(self, *services: str, done: list[str] | None = None) -> None:
        done = [] if done is None else done
        self.found = {name: Container(name, done) for name in services}

    def containers(self) -> dict[str, Container]:
        return self.found


class Cluster:
    """A swarm's view of the cluster."""

    name = "home-cluster"

    def __init__(self, *volumes: str, state: str = "inactive", up: bool = False) -> None:
        found = [SimpleNamespace(name=name) for name in volumes]
        info = {"Swarm": {"LocalNodeState": state, "ControlAvailable": True}}
        self.client = SimpleNamespace(
            info=lambda: info,
            volumes=SimpleNamespace(list=lambda: found),
            nodes=SimpleNamespace(list=list),
        )
        self.project = SimpleNamespace(name=self.name)
        self.up = up

    def is_up(self) -> bool:
        return self.up


@pytest.fixture(autouse=True)
def sound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Production is healthy, of this checkout, and has 1 GiB on a disk with 10 GiB free."""
    monkeypatch.setattr(lifecycle, "require_own_checkout", lambda project: None)
    monkeypatch.setattr(health, "wait_until_ready", lambda project: None)
    monkeypatch.setattr(server.Server, "ask", lambda self, sql: [str(GIB)])
    monkeypatch.setattr(server.Server, "free_bytes", lambda self: 10 * GIB)


def refused(production: Any, cluster: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        adoptable.require(production, cluster)
    return caught.value


def test_a_production_that_serves_and_no_cluster_can_move() -> None:
    adoptable.require(Production("app", "db"), Cluster())  # type: ignore[arg-type]  # a stand-in
    adoptable.require(Production("app", "db"), Cluster(state="active"))  # type: ignore[arg-type]  # a stand-in
    other = Cluster("home-prod_db_data", state="active")
    adoptable.require(Production("app", "db"), other)  # type: ignore[arg-type]  # a stand-in


def test_an_external_database_has_nothing_to_move() -> None:
    production = Production("app")
    production.is_external = True
    failure = refused(production, Cluster())
    assert failure.what.endswith("is external, so there are no data to move.")
    assert failure.remedy.endswith("inv prod.down && inv cluster")


def test_a_production_that_does_not_run_is_refused() -> None:
    assert "does not run" in refused(Production(), Cluster()).what
    stopped = Production("app", "db")
    stopped.found["app"].status = "exited"
    assert "does not run" in refused(stopped, Cluster()).what


@pytest.mark.parametrize(
    "cluster",
    [Cluster(state="active", up=True), Cluster("home-cluster_db_data", state="active")],
)
def test_a_cluster_with_data_is_refused(cluster: Cluster) -> None:
    failure = refused(Production("app", "db"), cluster)
    assert "has data already" in failure.what
    assert "inv cluster.reset" in failure.remedy


def test_volumes_of_a_cluster_whose_swarm_is_gone_are_named() -> None:
    failure = refused(Production("app", "db"), Cluster("home-cluster_db_data", "home-cluster_acme"))
    assert failure.remedy.endswith("docker volume rm home-cluster_acme home-cluster_db_data")


def test_a_disk_without_room_for_the_copies_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.Server, "free_bytes", lambda self: 2 * GIB)
    assert "2.0 GiB free" in refused(Production("app", "db"), Cluster()).what


def test_the_gap_is_what_the_rehearsal_took_and_the_start() -> None:
    assert adoption.gap(10) - adoption.gap(0) == 10
    assert adoption.estimated(20 * 1024**2) - adoption.estimated(0) == 2


class Steps:
    """A move whose steps only note that they were done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: str, error: BaseException) -> None:
        self.done: list[str] = []
        self.undo = Undo()
        self.production = Production("app", "db", "mqtt", done=self.done)
        self.cluster = Cluster()
        self.state = "inactive"
        self.cluster.client.info = lambda: {"Swarm": {"LocalNodeState": self.state}}
        self.move = Move(
            self.production,  # type: ignore[arg-type]  # a stand-in
            self.cluster,  # type: ignore[arg-type]  # a stand-in
            up_.Choices(),
            agree=self.note("agree"),
            verified=lambda: False,
            undo=self.undo,
        )
        for module, name in (
            *((up_, "begin"), (up_, "start_database"), (up_, "stop"), (up_, "down")),
            *((swarm, "unlabel_data_node"), (deploy, "hand_over")),
            *((converge, "wait"), (client, "close")),
        ):
            monkeypatch.setattr(module, name, self.note(name))
        monkeypatch.setattr(Move, "rehearse", lambda move: self.done.append("rehearse"))
        monkeypatch.setattr(Move, "fill", lambda move: self.done.append("fill"))
        monkeypatch.setattr(server.Server, "ask", lambda server, sql: [])

        def failing(*words: Any, **options: Any) -> None:
            raise error

        if fails:
            places: dict[str, Any] = {"rehearse": Move, "fill": Move, "wait": converge}
            monkeypatch.setattr(places[fails], fails, failing)

    def note(self, name: str) -> Callable[..., None]:
        def noted(*words: Any, **options: Any) -> None:
            self.done.append(name)
            if name == "begin":
                self.state = "active"  # it has made the swarm

        return noted

    def run(self) -> BaseException:
        with pytest.raises(BaseException) as caught, rollback.rollback("It failed", self.undo):  # noqa: PT011, PT012
            for name in Move.STEPS:
                getattr(self.move, name)()
        return caught.value


# An interrupted request may not have stopped it yet.
STARTED_AGAIN = ["stop app", "start app", "stop mqtt", "start mqtt"]
REMOVED = ["close", "down", "unlabel_data_node"]


def test_a_failed_rehearsal_removes_the_cluster_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = Steps(monkeypatch, "rehearse", Failure("It cannot migrate.", "Correct it."))
    assert isinstance(failure := steps.run(), Failure)
    assert failure.what == "Rolled back: it cannot migrate."
    assert steps.done == ["begin", "start_database", *REMOVED]


def test_ctrl_c_while_it_is_filled_starts_production_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = Steps(monkeypatch, "fill", KeyboardInterrupt())
    assert isinstance(failure := steps.run(), Failure)
    assert failure.code == rollback.INTERRUPTED
    stopped = ["rehearse", "stop app", "stop mqtt", *STARTED_AGAIN]
    assert steps.done == ["begin", "start_database", *stopped, *REMOVED]


@pytest.mark.parametrize("fails", ["wait", ""])
def test_production_starts_again_once_its_ports_are_free(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    steps = Steps(monkeypatch, fails, Failure("It does not start.", "Correct it."))
    steps.run()
    assert "hand_over" in steps.done
    after = steps.done[steps.done.index("hand_over") :]
    assert [word for word in after if word != "wait"] == [
        *("hand_over", "stop", *STARTED_AGAIN),
        *REMOVED,
    ]


@pytest.mark.parametrize(("state", "tells"), [("inactive", True), ("active", False)])
def test_the_engine_stays_in_the_swarm_and_is_told_of_a_new_one(
    monkeypatch: pytest.MonkeyPatch, state: str, tells: bool
) -> None:
    """Leaving a swarm takes the names from containers that run: moby's issue 45144."""
    steps = Steps(monkeypatch, "rehearse", Failure("It cannot migrate.", "Correct it."))
    said: list[str] = []
    monkeypatch.setattr(adoption, "say", said.append)
    steps.state = state
    steps.run()
    assert steps.done[-3:] == REMOVED
    assert ("only node of a swarm" in " ".join(said)) is tells


def test_a_program_that_could_write_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps(monkeypatch, "", KeyboardInterrupt())
    monkeypatch.setattr(adoption, "SECONDS_TO_LEAVE", 0.1)
    monkeypatch.setattr(server.Server, "ask", lambda server, sql: ["psql"])
    assert isinstance(failure := steps.run(), Failure)
    assert "psql is connected to production's database" in failure.what
    assert "fill" not in steps.done
    assert steps.done[-7:] == [*STARTED_AGAIN, *REMOVED]


def test_volumes_that_no_backup_holds_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def volume(short: str) -> Any:
        labels = {"com.docker.compose.volume": short}
        return SimpleNamespace(name=f"home-prod_{short}", attrs={"Labels": labels})

    made: list[str] = []
    copied: list[dict[str, Any]] = []
    volumes = SimpleNamespace(
        list=lambda filters: [volume("db_data"), volume("media"), volume("mqtt_data")],
        create=lambda name, labels: made.append(name),
    )
    production = SimpleNamespace(name="home-prod", client=SimpleNamespace(volumes=volumes))
    container = SimpleNamespace(attrs={"Image": "sha256:1"})
    monkeypatch.setattr(server.Server, "container", container)
    monkeypatch.setattr(adoptable, "output_of", lambda *words, **options: copied.append(options))
    adoptable.copy_volumes(production, Cluster())  # type: ignore[arg-type]  # a stand-in
    assert made == ["home-cluster_mqtt_data"]
    assert copied[0]["volumes"] == {
        "home-prod_mqtt_data": {"bind": "/from", "mode": "ro"},
        "home-cluster_mqtt_data": {"bind": "/to", "mode": "rw"},
    }


def test_without_a_terminal_it_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(commands, "adopt", lambda **options: begun.append("adopt"))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    context = Context()
    context.config.mode = "cluster"
    with pytest.raises(Exit, match="There is no terminal to ask on"):
        cluster_tasks.adopt(context)
    assert begun == []
    cluster_tasks.adopt(context, yes=True)
    assert begun == ["adopt"]


@pytest.mark.parametrize(
    ("ran", "now", "told"),
    [("abc", "abc-dirty", ""), ("abc-dirty", "def", "abc"), ("unknown", "def", "")],
)
def test_the_version_to_go_back_to_is_named_where_it_is_another_one(
    monkeypatch: pytest.MonkeyPatch, ran: str, now: str, told: str
) -> None:
    steps = Steps(monkeypatch, "", KeyboardInterrupt())
    labels = {"org.opencontainers.image.revision": ran}
    steps.production.found["app"].labels = labels
    monkeypatch.setattr(version, "revision", lambda root: now)
    assert steps.move.other_revision == told
