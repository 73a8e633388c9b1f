"""Failures around the bridge do not stop it, and its failures do not stop the worker."""

import signal

import pytest
from django.db import connection

from integrations.mqtt import connection as connections
from integrations.mqtt import worker
from tests.actions import arm, armed, is_state, set_delays
from tests.conftest import command, finish, terminate_backends, until
from tests.mqtt.tools import Wire, is_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dead():
    """A port that accepts connections and forwards nothing."""
    wire = Wire()
    wire.is_dead = True
    yield wire
    wire.close()


def test_a_broker_that_never_answers_is_given_up(start, monkeypatch, dead, other_client, topics):
    monkeypatch.setattr(connections, "ANSWER_LIMIT", 0.5)
    start(port=dead.port)
    assert is_status("unreachable").detail.endswith("does not answer in MQTT.")
    dead.is_dead = False
    other_client.has(topics.availability, "online")


def test_a_broker_that_falls_silent_is_noticed(start, monkeypatch, dead, other_client, topics):
    monkeypatch.setattr(connections, "KEEPALIVE", 1)
    dead.is_dead = False
    start(port=dead.port)
    other_client.has(topics.availability, "online")
    dead.is_dead = True
    is_status("unreachable")
    armed()
    dead.is_dead = False
    other_client.has(topics.state, "armed_away")


@pytest.mark.parametrize("reach", ["dead", "nobody"])
def test_timers_run_without_a_broker(configure, same_database, dead, reach):
    configure(port=dead.port if reach == "dead" else 1)
    set_delays(exit_delay=1)
    running = command("manage.py", "run_worker", env=same_database)
    # Dead, it is still waiting for an answer when the delay ends.
    is_status("connecting" if reach == "dead" else "unreachable")
    arm()
    until(is_state("armed_away"), what="the exit delay")
    running.send_signal(signal.SIGTERM)
    finish(running)
    assert running.returncode == 0


def test_a_database_that_cuts_connections_is_survived(connected, other_client, topics):
    other_client.has(topics.state, "disarmed")
    for name in ("alarm", "alarm broadcast"):
        terminate_backends(name)
    connection.close()
    armed()
    other_client.has(topics.state, "armed_away")
    assert connected.is_alive()


def test_starting_twice_and_stopping_twice_is_one_bridge(configure, other_client, topics):
    configure()
    worker.start()
    worker.start()
    other_client.has(topics.availability, "online")
    assert [
        payload for topic, payload in other_client.received if topic == topics.availability
    ] == ["online"]
    worker.stop()
    worker.stop()
    other_client.has(topics.availability, "offline")
