"""The WebSocket: the state at once, every change whoever makes it, and no way to break it."""

import asyncio
import json

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError

from alarm import consumers, services
from alarm.consumers import AlarmConsumer
from alarm.models import Cause
from alarm.transitions import Action
from config.threads import in_thread
from tests.conftest import command, finish, terminate_backends

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_state_on_connecting_and_after_a_change(connect):
    sockets = [await connect(), await connect()]
    for socket in sockets:
        assert await socket.receive_json_from(timeout=20) == {
            "type": "state",
            **await in_thread(services.current),
        }
    state = await in_thread(services.apply, Action.ARM_HOME, Cause.API)
    for socket in sockets:
        assert await socket.receive_json_from(timeout=20) == {"type": "state", **state}
        assert await socket.receive_nothing(0.05)


async def test_a_change_made_in_another_process(connect, same_database):
    socket = await connect()
    await socket.receive_json_from(timeout=20)
    process = command("manage.py", "alarm", "arm", "away", env=same_database)
    message = await socket.receive_json_from(timeout=20)
    assert (message["state"], message["target"]) == ("arming", "armed_away")
    printed = json.loads(await asyncio.to_thread(finish, process))
    assert message == {"type": "state", **printed}


async def test_a_change_while_the_listener_is_away_arrives_with_its_return(connect):
    socket = await connect()
    await socket.receive_json_from(timeout=20)

    def cut_and_change():
        terminate_backends("alarm broadcast")
        return services.apply(Action.ARM_HOME, Cause.API)

    state = await in_thread(cut_and_change)
    assert (await socket.receive_json_from(timeout=20))["sequence"] == state["sequence"]


async def test_the_sequence_never_goes_backwards(connect, monkeypatch):
    """Changes race with the first read: joined before reading, so none is lost or out of order."""
    original = services.current

    def slow_current():
        state = original()
        services.apply(Action.ARM_HOME, Cause.API)
        services.apply(Action.DISARM, Cause.API)
        return state

    monkeypatch.setattr(services, "current", slow_current)
    socket = await connect()
    sequences = [(await socket.receive_json_from(timeout=20))["sequence"] for _ in range(3)]
    assert sequences == [0, 1, 2]


async def test_an_older_state_is_not_passed_on():
    consumer, sent = AlarmConsumer(), []

    async def record(text):
        sent.append(json.loads(text)["sequence"])

    consumer.send = record
    for sequence in [5, 4, 5, 6]:
        await consumer.alarm_state({"state": {"sequence": sequence}})
    assert sent == [5, 6]


async def test_ping(connect):
    socket = await connect()
    await socket.receive_json_from(timeout=20)
    await socket.send_json_to({"type": "ping"})
    assert await socket.receive_json_from(timeout=20) == {"type": "pong"}


@pytest.mark.parametrize(
    "frame",
    [{"text": text} for text in ["", "{", "[]", "null", '{"type": "disarm"}', '{"type": ["ping"]}']]
    + [{"text": "[" * 4000}, {"text": '{"type": "ping", "x": "' + "x" * 4096 + '"}'}]
    + [{"bytes": b'{"type": "ping"}'}, {"text": '"' + "é" * 2100 + '"'}],
)
async def test_what_is_not_understood_ends_the_connection(connect, frame):
    socket = await connect()
    await socket.receive_json_from(timeout=20)
    for _ in range(2):  # the second arrives while the first's close is on its way
        await socket.send_input({"type": "websocket.receive", **frame})
    assert (await socket.receive_json_from(timeout=20))["type"] == "error"
    closing = await socket.receive_output(timeout=20)
    assert (closing["type"], closing["code"]) == ("websocket.close", 4400)
    assert closing["reason"]
    assert await socket.receive_nothing(0.05)


async def test_without_a_database_the_client_is_asked_to_come_again(connect, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(consumers.services, "current", fail)
    socket = await connect()
    assert (await socket.receive_json_from(timeout=20))["type"] == "error"
    assert (await socket.receive_output(timeout=20))["code"] == 1013


@pytest.mark.parametrize(
    ("path", "host", "headers", "is_accepted"),
    [
        ("/ws/alarm/", "panel.lan:5427", {"origin": "http://panel.lan:5427"}, True),
        ("/ws/alarm/", "192.168.1.2:5427", {"origin": "http://192.168.1.2:5427"}, True),
        ("/ws/alarm/", "panel.lan:5427", {"origin": "http://evil.example"}, False),
        ("/ws/alarm/", "panel.lan:5427", {"origin": "http://panel.lan:5428"}, False),
        ("/ws/alarm/", "evil.example", {"origin": "http://evil.example"}, False),
        ("/ws/alarm/", "evil.example", {}, False),
        ("/ws/other/", "localhost", {}, False),
        ("/", "localhost", {}, False),
    ],
)
async def test_who_may_connect(connect, path, host, headers, is_accepted):
    socket = await connect(path, host, **headers)
    assert socket.is_accepted is is_accepted


async def test_leaving_leaves_nothing_behind(connect):
    socket = await connect()
    await socket.receive_json_from(timeout=20)
    assert services.GROUP in get_channel_layer().groups
    await socket.disconnect()
    assert not get_channel_layer().groups
