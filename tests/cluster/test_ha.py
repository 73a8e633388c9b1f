"""The cluster's database while members are killed, frozen and cut off, and without etcd's quorum.

All of it runs on one engine, so the clocks are the same, and a member is cut off by disconnecting
it from its network. What Swarm adds, nodes and their loss, is tested with three nested nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker.errors import ContainerError

from stack.cluster import ha
from stack.core.polling import wait_until
from stack.engine import docker_engine
from tests.cluster.conftest import Tell
from tests.cluster.ha_probe import probing
from tests.cluster.ha_stack import STORES, HaStack, running
from tests.cluster.ha_written import Written

GOAL = 15
"""Seconds within which a lost primary is replaced, for those who write."""

NOTHING = 2
"""Seconds that a client need not notice."""

ENOUGH = 300
"""Rows, which the writer's threads make in some seconds."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HaStack]:
    with running(docker_engine.connect(), tmp_path_factory.mktemp("ha")) as made:
        yield made


@pytest.fixture(autouse=True)
def whole(stack: HaStack) -> None:
    stack.wait_until_whole()


def judge(stack: HaStack, written: Written, tell: Tell, *, within: float) -> None:
    """Nothing acknowledged is missing, and no thread waited for longer than `within` seconds."""
    missing, gap = stack.missing(written), written.longest_gap()
    tell(f"{len(written.rows)} acknowledged, {len(missing)} missing, longest gap {gap:.1f} s")
    assert written.rows
    assert not missing
    assert gap <= within, written.errors


def replaced(stack: HaStack, old: str) -> str:
    """The primary in place of `old`; waits until there is one."""
    return wait_until("another primary", lambda: other(stack, old), seconds=60)


def other(stack: HaStack, old: str) -> str | None:
    names = [member.name for member in stack.facts().primaries if member.name != old]
    return names[0] if names else None


def test_a_killed_primary_is_replaced_and_comes_back_as_a_standby(
    stack: HaStack, tell: Tell
) -> None:
    old = stack.primary()
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        stack.container(old).kill()
        new = replaced(stack, old)
        stack.wait_for_rows(ENOUGH)
        written = writer.stop()
    judge(stack, written, tell, within=GOAL)
    stack.container(old).start()
    stack.wait_until_whole()
    assert stack.primary() == new
    assert stack.made_anew(old) is False, "its data were copied, in place of a rewind"
    assert len({member.timeline for member in stack.facts().members}) == 1


def test_a_killed_standby_delays_nobody(stack: HaStack, tell: Tell) -> None:
    standby = stack.standbys()[0]
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        stack.container(standby).kill()
        stack.wait_for_rows(3 * ENOUGH)
        assert f"{standby} does not answer." in ha.problems(stack.facts())
        written = writer.stop()
    stack.container(standby).start()
    judge(stack, written, tell, within=NOTHING)


def test_a_frozen_primary_that_wakes_up_acknowledges_nothing(stack: HaStack, tell: Tell) -> None:
    old = stack.primary()
    with stack.writer() as writer, probing(stack, ha.MEMBERS) as seen:
        stack.wait_for_rows(ENOUGH)
        stack.container(old).pause()
        new = replaced(stack, old)
        stack.wait_for_rows(ENOUGH)
        stack.container(old).unpause()
        stack.wait_until_whole()
        stack.wait_for_rows(ENOUGH)
        written = writer.stop()
    judge(stack, written, tell, within=GOAL)
    # HAProxy sends no client to it; this asks the member itself.
    assert seen[old].wrote[-1] < seen[new].wrote[0]


def test_a_primary_that_is_cut_off_steps_down_before_another_takes_over(
    stack: HaStack, tell: Tell
) -> None:
    old = stack.primary()
    with stack.writer() as writer, probing(stack, ha.MEMBERS) as seen:
        stack.wait_for_rows(ENOUGH)
        with stack.cut_off((old, "database")):
            new = replaced(stack, old)
            stack.wait_for_rows(ENOUGH)
        stack.wait_until_whole()
        written = writer.stop()
    judge(stack, written, tell, within=GOAL)
    first = seen[new].primary[0]
    stepped_down = min(at for at in seen[old].other if at > seen[old].primary[-1])
    tell(
        f"the old primary had stepped down {first - stepped_down:.1f} s before there was a new one"
    )
    assert stepped_down < first
    assert seen[old].wrote[-1] < seen[new].wrote[0]


def test_a_lost_node_with_both_leaders_on_it_is_replaced(stack: HaStack, tell: Tell) -> None:
    """What vanishes without a word: the primary, etcd's leader, and a HAProxy with its clients."""
    old = stack.primary()
    store = f"etcd{old[-1]}"
    stack.let_lead(store)
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        with stack.cut_off(
            (old, "database"), (store, "database"), ("haproxy", "database", "inside")
        ):
            replaced(stack, old)
            stack.wait_for_rows(ENOUGH)
        stack.wait_until_whole()
        written = writer.stop()
    judge(stack, written, tell, within=GOAL)


def test_without_a_quorum_of_etcd_the_primary_goes_on_and_it_is_told(
    stack: HaStack, tell: Tell
) -> None:
    primary = stack.primary()
    # The primary has to reach it at its new address.
    stack.move(stack.standbys()[0])
    stack.wait_until_whole()
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        for store in STORES[:2]:
            stack.container(store).kill()
        wait_until(
            "a primary without etcd",
            lambda: any(member.is_on_its_own for member in stack.facts().members),
            seconds=30,
        )
        stack.wait_for_rows(ENOUGH)
        told = ha.problems(stack.facts())
        written = writer.stop()
    judge(stack, written, tell, within=GOAL)
    assert told == [
        "etcd has no quorum: no other member can become the primary.",
        *(f"{store} does not answer." for store in STORES[:2]),
    ]
    stack.container(primary).kill()
    wait_until("no primary", lambda: not stack.facts().primaries, seconds=30)
    assert ha.problems(stack.facts())[0] == "The database has no primary: nothing can be written."
    for service in (*STORES[:2], primary):
        stack.container(service).start()
    stack.wait_until_whole()
    assert not stack.missing(written)


def test_a_switchover_takes_some_seconds(stack: HaStack, tell: Tell) -> None:
    old, new = stack.primary(), stack.standbys()[0]
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        argv = ["patronictl", "switchover", "--force", f"--leader={old}", f"--candidate={new}"]
        assert stack.container(old).exec_run([*argv, "panel"]).exit_code == 0
        stack.wait_for_rows(ENOUGH)
        written = writer.stop()
    assert stack.primary() == new
    judge(stack, written, tell, within=GOAL)


def test_after_a_power_cut_of_all_nodes_nothing_is_missing(stack: HaStack, tell: Tell) -> None:
    everything = [stack.container(service) for service in (*STORES, *ha.MEMBERS, "haproxy")]
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        for container in everything:
            container.kill()
        for container in everything:
            container.wait()  # until its address is free
        for container in everything:
            container.start()
        stack.wait_until_whole()
        stack.wait_for_rows(ENOUGH)
        written = writer.stop()
    judge(stack, written, tell, within=60)


def test_a_node_with_an_empty_disk_is_filled_again(stack: HaStack, tell: Tell) -> None:
    primary = stack.primary()
    number = primary[-1]
    with stack.writer() as writer:
        stack.wait_for_rows(ENOUGH)
        stack.empty(f"etcd{number}", primary)
        stack.wait_until_whole()
        stack.wait_for_rows(ENOUGH)
        written = writer.stop()
    assert stack.made_anew(primary)
    judge(stack, written, tell, within=GOAL)


def test_a_member_without_its_secrets_says_which(stack: HaStack) -> None:
    image = f"{stack.name}-postgres"
    environment = {"MEMBER": "postgres1", "ETCD_HOSTS": "etcd1:2379"}
    with pytest.raises(ContainerError) as refused:
        stack.client.containers.run(image, environment=environment, remove=True)
    said = refused.value.stderr
    assert isinstance(said, bytes)
    assert said.decode().splitlines() == [
        "The database's secret database_api_password cannot be read: No such file or directory.",
        "Give the service that secret, readable for the user postgres (999)",
    ]
