"""Group 9: notifications, while a receiver, the worker or the database is away."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from docker.models.containers import Container

from stack.core.polling import wait_until
from tests.faults import inject
from tests.faults.load import Load
from tests.support import receiver as receivers
from tests.support.panel import Panel
from tests.support.receiver import Receiver

WITHIN = 60
DELIVERED = 120
"""Seconds until a message has to arrive: the pauses after failed attempts double."""

numbers = itertools.count(1)


@pytest.fixture
def receiver(load: Load, panel: Panel) -> Iterator[Receiver]:
    """A receiver that hears of each alarm."""
    with receivers.running(load.project) as receiver, channel(panel, receiver):
        yield receiver


@contextmanager
def channel(panel: Panel, to: Receiver) -> Iterator[None]:
    """Send each alarm to a receiver while the block lasts."""
    body = {"name": to.name, "url": to.url, "kinds": ["alarm"]}
    made = panel.post("/api/notifications/channels/", body)
    assert made.status_code == 201, made.text
    try:
        yield
    finally:
        panel.disarm()
        path = f"/api/notifications/channels/{made.json()['id']}/"
        assert panel.ask("DELETE", path).status_code == 204


@pytest.fixture
def set_off(panel: Panel) -> Iterator[Callable[[], str]]:
    """A function that sets the alarm off by a new smoke detector; it returns the title."""

    def set_off() -> str:
        name = f"Smoke {next(numbers)}"
        made = panel.post("/api/sensors/", {"name": name, "kind": "smoke"})
        assert made.status_code == 201, made.text
        report(panel, made.json())
        return f"Alarm: {name}"

    yield set_off
    panel.disarm()


def report(panel: Panel, sensor: dict[str, object]) -> None:
    """Report smoke until the panel takes it, as a sensor does; then that it is over."""
    for is_smoke in (True, False):
        taken = partial(is_taken, panel, sensor, is_smoke)
        wait_until("the report to be taken", taken, seconds=WITHIN)


def is_taken(panel: Panel, sensor: dict[str, object], is_smoke: bool) -> bool:
    return send(panel, sensor, is_smoke) == 202


def send(panel: Panel, sensor: dict[str, object], is_smoke: bool) -> int:
    """Report once; return the status of the answer."""
    headers = {"Authorization": f"Bearer {sensor['token']}"}
    path = f"/api/sensors/{sensor['id']}/events/"
    return panel.post(path, {"active": is_smoke}, headers=headers).status_code


def test_the_receiver_is_away(load: Load, receiver: Receiver, set_off: Callable[[], str]) -> None:
    with load.during("notifications: receiver away for 20 s", within=WITHIN) as fault:
        receiver.container.stop()
        title = set_off()
        fault.last(20)
        receiver.container.start()
        fault.over()
        receiver.wait_for(title, DELIVERED)
        fault.note(f"arrived {len(receiver.messages(title))} times")
    assert len(receiver.messages(title)) == 1


def test_the_receiver_hangs(
    load: Load, panel: Panel, receiver: Receiver, set_off: Callable[[], str]
) -> None:
    with (
        receivers.running(load.project, "other") as other,
        channel(panel, other),
        load.during("notifications: receiver hangs for 30 s", within=WITHIN) as fault,
    ):
        receiver.container.pause()
        try:
            title = set_off()
            other.wait_for(title, 10)
            fault.last(30)
        finally:
            receiver.container.unpause()
        fault.over()
        receiver.wait_for(title, DELIVERED)
        fault.note(f"arrived {len(receiver.messages(title))} times, elsewhere within 10 s")
        assert len(other.messages(title)) == 1


def test_the_worker_is_killed_while_it_sends(
    load: Load, app: Container, panel: Panel, receiver: Receiver, set_off: Callable[[], str]
) -> None:
    with load.during("notifications: worker kill -9 while it sends", within=WITHIN) as fault:
        receiver.container.pause()
        try:
            title = set_off()
            wait_until("the attempt", lambda: attempts(panel, title), seconds=10)
            inject.kill(app, "run_worker", how_many=1)
        finally:
            receiver.container.unpause()
        fault.over()
        wait_until("the empty outbox", lambda: attempts(panel, title) is None, seconds=DELIVERED)
        fault.note(f"arrived {len(receiver.messages(title))} times")
    assert receiver.messages(title)


def attempts(panel: Panel, title: str) -> int | None:
    """The number of attempts to send it so far; None if it is not in the outbox."""
    rows = panel.get("/api/notifications/outbox/").json()
    return next((int(row["attempts"]) for row in rows if row["title"] == title), None)


def test_the_database_is_away_when_the_alarm_is_set_off(
    load: Load, panel: Panel, receiver: Receiver, db: Container
) -> None:
    made = panel.post("/api/sensors/", {"name": f"Smoke {next(numbers)}", "kind": "smoke"}).json()
    title = f"Alarm: {made['name']}"
    with load.during("notifications: database away when it is set off", within=WITHIN) as fault:
        db.stop()
        assert send(panel, made, is_smoke=True) == 503
        fault.last(10)
        db.start()
        fault.over()
        report(panel, made)
        receiver.wait_for(title, DELIVERED)
        fault.note(f"arrived {len(receiver.messages(title))} times")
    panel.disarm()
    assert len(receiver.messages(title)) == 1
