"""The WebSocket: a snapshot, then each change once, and robustness."""

import asyncio
import json
import threading

import pytest
from autobahn.exception import Disconnected
from channels.layers import get_channel_layer
from django.db import OperationalError

from alarm import changes
from alarm.models import Change
from core.threads import in_thread
from integrations.mqtt import status
from people import codes
from people.sessions import person_group
from realtime import consumers
from realtime.consumers import AlarmConsumer
from realtime.snapshot import snapshot
from tests.actions import arm, armed, disarm, hear, make_sensor
from tests.conftest import command, finish, terminate_backends
from tests.sockets import closing, receive, receive_until, sequence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def steady_mqtt(transactional_db) -> None:
    """A stored status, because one that is not stored has the time of reading."""
    status.put(status.UNREACHABLE)


# --- Everything once, then each change ------------------------------------------------------------


async def test_everything_on_connecting_and_then_each_change(connect, admin, resident):
    sockets = [await connect(person=person) for person in (admin, resident)]
    for socket in sockets:
        state = await in_thread(snapshot)
        assert await receive(socket) == {"type": "snapshot", **state}
    state = await in_thread(arm)
    stored = {key: value for key, value in state.items() if key != "sequence"}
    for socket in sockets:
        found = await receive_until(socket, state["sequence"])
        assert [message["topic"] for message in found] == ["event", "alarm"]
        assert found[-1]["data"] == stored
        assert await socket.receive_nothing(0.05)


async def test_a_change_made_in_another_process(connect, admin, same_database):
    socket = await connect(person=admin)
    await receive(socket)
    process = command("manage.py", "alarm", "arm-away", env=same_database)
    printed = json.loads(await asyncio.to_thread(finish, process))
    found = await receive_until(socket, printed["sequence"])
    assert found[-1]["data"]["state"] == "arming"
    assert found[0]["data"]["source"] == "command line"


async def test_changes_while_the_listener_is_away_arrive_with_its_return(connect, admin):
    socket = await connect(person=admin)
    first = (await receive(socket))["sequence"]

    def cut_and_change():
        terminate_backends("alarm broadcast")
        arm()
        disarm()
        return sequence()

    found = await receive_until(socket, await in_thread(cut_and_change))
    assert found[0]["sequence"] == first + 1


async def test_a_change_between_joining_and_reading_is_sent_once(connect, admin, monkeypatch):
    def slow_snapshot():
        state = snapshot()
        arm()
        return state

    monkeypatch.setattr(consumers, "snapshot", slow_snapshot)
    socket = await connect(person=admin)
    first = await receive(socket)
    found = await receive_until(socket, await in_thread(sequence))
    assert found[0]["sequence"] == first["sequence"] + 1
    assert await socket.receive_nothing(0.05)


async def test_a_change_too_large_for_the_broadcast_arrives_all_the_same(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    large = {"text": "é" * 20_000}
    number = await in_thread(changes.announce, "settings", large)
    (message,) = await receive_until(socket, number)
    assert message["data"] == large


async def test_residents_do_not_receive_duress(connect, admin, resident, pin):
    sockets = [await connect(person=person) for person in (admin, resident)]
    for socket in sockets:
        await receive(socket)

    def give_in() -> int:
        duress = codes.create("9999", "Help me", duress=True)
        armed()
        disarm(duress)
        return sequence()

    newest = await in_thread(give_in)
    ours, theirs = [await receive_until(socket, newest) for socket in sockets]
    kinds = [[message["data"].get("kind") for message in found] for found in (ours, theirs)]
    assert "duress" in kinds[0]
    assert "duress" not in kinds[1]
    assert "Help me" not in str(theirs)
    # What is read after a gap is masked too.
    await sockets[1].send_json_to({"type": "resume", "since": ours[0]["sequence"] - 1})
    assert await receive_until(sockets[1], newest) == theirs


# --- Gaps -----------------------------------------------------------------------------------------


async def test_resuming_brings_what_was_missed(connect, admin):
    socket = await connect(person=admin)
    first = (await receive(socket))["sequence"]
    newest = (await in_thread(arm))["sequence"]
    live = await receive_until(socket, newest)
    await socket.send_json_to({"type": "resume", "since": first})
    assert await receive_until(socket, newest) == live
    assert await receive(socket) == {"type": "resumed", "sequence": newest}


async def test_resuming_with_nothing_missed(connect, admin):
    socket = await connect(person=admin)
    newest = (await receive(socket))["sequence"]
    await socket.send_json_to({"type": "resume", "since": newest})
    assert await receive(socket) == {"type": "resumed", "sequence": newest}


@pytest.mark.parametrize("since", [0, 10**6])
async def test_a_gap_that_cannot_be_filled_is_answered_with_a_snapshot(connect, admin, since):
    def prepare() -> None:
        arm()
        disarm()
        Change.objects.earliest("sequence").delete()

    await in_thread(prepare)
    socket = await connect(person=admin)
    first = await receive(socket)
    await socket.send_json_to({"type": "resume", "since": since})
    assert await receive(socket) == first


async def test_a_gap_in_what_arrives_is_filled_by_itself(connect, admin, monkeypatch):
    """The first of two announcements is lost on its way to this process."""
    socket = await connect(person=admin)
    first = (await receive(socket))["sequence"]
    layer = get_channel_layer()
    original, count = layer.publish, []
    monkeypatch.setattr(
        layer,
        "publish",
        lambda group, message: count.append(1) or len(count) == 1 or original(group, message),
    )
    await in_thread(arm)
    found = await receive_until(socket, await in_thread(sequence))
    assert [message["sequence"] for message in found] == [first + 1, first + 2]


async def test_what_arrives_late_or_twice_is_not_passed_on():
    consumer, sent = AlarmConsumer(), []

    async def record(text):
        sent.append(text)

    consumer.send, consumer.sequence, consumer.is_admin = record, 4, True
    for number in [5, 4, 5, 6]:
        await consumer.alarm_change({"sequence": number, "text": str(number)})
    assert sent == ["5", "6"]


# --- Pings, and clients that do not read ----------------------------------------------------------


async def test_ping(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    await socket.send_json_to({"type": "ping"})
    assert await receive(socket) == {"type": "pong"}


async def test_the_server_pings_and_keeps_clients_that_answer(connect, admin, monkeypatch):
    monkeypatch.setattr(consumers, "PING_EVERY", 0.05)
    monkeypatch.setattr(consumers, "SILENCE_LIMIT", 5)
    socket = await connect(person=admin)
    await receive(socket)
    for _ in range(20):
        assert await receive(socket) == {"type": "ping"}
        await socket.send_json_to({"type": "pong"})
    assert await closing(socket) == (4408, 4408)  # without answers it is closed


async def test_each_socket_pings_at_its_own_time_however_long_a_reading_takes(monkeypatch):
    clock, pings = [0.0], []
    consumer = AlarmConsumer()
    consumer.received_at = consumer.read_at = 0.0

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    async def ping() -> None:
        pings.append(clock[0])
        consumer.received_at = clock[0]
        consumer.is_closing = len(pings) == 6

    async def read_session() -> None:
        consumer.read_at = clock[0]
        clock[0] += 1.5

    consumer.ping, consumer.read_session = ping, read_session
    monkeypatch.setattr(consumers.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(consumers.asyncio, "sleep", sleep)
    await consumer.keep_time()
    assert pings == [consumers.PING_EVERY * number for number in range(1, 7)]


async def test_a_client_that_does_not_read_is_pinged_and_then_cut_off(connect, admin, monkeypatch):
    monkeypatch.setattr(consumers, "ASK_AFTER", 3000)
    monkeypatch.setattr(consumers, "UNANSWERED_LIMIT", 8000)
    socket = await connect(person=admin)
    await receive(socket)

    def change(times: int) -> None:
        for _ in range(times):
            changes.announce("settings", {"text": "x" * 500})

    async def take_until_a_ping() -> int:
        taken = 0
        while (await receive(socket))["type"] != "ping":
            taken += 1
        return taken

    for _ in range(3):  # a client that answers may receive any amount
        await in_thread(change, 6)
        assert await take_until_a_ping() <= 6
        await socket.send_json_to({"type": "pong"})
        await socket.send_json_to({"type": "ping"})  # its answer means that the pong was received
        while (await receive(socket))["type"] != "pong":
            pass
    await in_thread(change, 40)
    assert await closing(socket) == (4013, 4013)


async def test_an_unsolicited_pong_is_ignored():
    consumer = AlarmConsumer()
    consumer.unanswered = 5000
    await consumer.receive('{"type": "pong"}')
    assert consumer.unanswered == 5000


async def test_a_client_that_resumes_too_often_is_asked_to_reconnect(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    for _ in range(2):
        await socket.send_json_to({"type": "resume", "since": 0})
    assert await closing(socket) == (4013, 4013)


# --- Invalid messages -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        *({"text": text} for text in ("", "{", "[]", "null", "7", '{"type": "disarm"}')),
        *({"text": text} for text in ('{"type": ["ping"]}', '{"type": "resume"}', '"\\ud800"')),
        *({"text": f'{{"type": "resume", "since": {n}}}'} for n in ("-1", "true", "1.5", "1e400")),
        *({"text": f'{{"type": "resume", "since": {n}}}'} for n in ("null", '"1"', "9" * 30)),
        {"text": "[" * 4000},
        {"text": '{"type": "ping", "x": "' + "x" * 4096 + '"}'},
        {"text": '"' + "é" * 2100 + '"'},
        {"bytes": b'{"type": "ping"}'},
    ],
)
async def test_an_unknown_message_ends_the_connection(connect, admin, frame):
    socket = await connect(person=admin)
    await receive(socket)
    for _ in range(2):  # the second arrives while the first's close is on its way
        await socket.send_input({"type": "websocket.receive", **frame})
    assert await closing(socket) == (4400, 4400)
    assert await socket.receive_nothing(0.05)


async def test_without_a_database_the_client_is_asked_to_reconnect(connect, admin, monkeypatch):
    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(consumers, "snapshot", fail)
    socket = await connect(person=admin)
    assert await closing(socket) == (4013, 4013)


@pytest.mark.parametrize("limit", [20.0, 0.0])
async def test_a_client_with_the_state_is_kept_while_the_database_moves(
    connect, admin, monkeypatch, limit
):
    socket = await connect(person=admin)
    since = (await receive(socket))["sequence"]
    announced = await in_thread(changes.announce, "settings", {"made": "before it went"})
    await receive(socket)
    answers = iter([OperationalError("gone"), OperationalError("still gone")])

    def since_or_fail(sequence, read=changes.since):
        for error in answers:
            raise error
        return read(sequence)

    monkeypatch.setattr(changes, "since", since_or_fail)
    monkeypatch.setattr(consumers, "OUTAGE_LIMIT", limit)
    await socket.send_json_to({"type": "resume", "since": since})
    if limit:
        assert (await receive(socket))["sequence"] == announced
        assert (await receive(socket))["type"] == "resumed"
    else:
        assert await closing(socket) == (4013, 4013)


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
async def test_hosts_and_origins_that_may_connect(connect, admin, path, host, headers, is_accepted):
    socket = await connect(path, host, admin, **headers)
    assert socket.is_accepted is is_accepted


async def test_a_closed_socket_leaves_no_state_behind(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    layer = get_channel_layer()
    assert {changes.GROUP, person_group(admin.pk)} <= layer.groups.keys()
    for number in range(3):  # pending while the socket closes
        await layer.send(next(iter(layer.groups[changes.GROUP])), {"type": "resync", "n": number})
    await socket.disconnect()
    assert not layer.groups
    assert not layer.channels
    assert not [task for task in asyncio.all_tasks() if "keep_time" in str(task.get_coro())]


async def test_a_socket_cancelled_while_connecting_leaves_no_state_behind(
    connect, admin, monkeypatch
):
    """As Daphne does for a client that disconnects while the database is frozen."""
    thaw = threading.Event()
    monkeypatch.setattr(consumers, "snapshot", lambda: thaw.wait(30))
    socket = await connect(person=admin)
    layer = get_channel_layer()
    while changes.GROUP not in layer.groups:
        await asyncio.sleep(0.01)
    await layer.send(next(iter(layer.groups[changes.GROUP])), {"type": "resync"})
    socket.future.cancel()
    await asyncio.wait([socket.future])
    thaw.set()
    assert not layer.groups
    assert not layer.channels


async def test_many_changes_from_many_threads_arrive_in_order(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    door = await in_thread(make_sensor)

    def work() -> None:
        for active in [True, False] * 5:
            hear(door, active)

    await asyncio.gather(in_thread(work), in_thread(work))
    await receive_until(socket, await in_thread(sequence))


async def test_a_client_that_disconnects_before_it_is_accepted_causes_no_error(caplog):
    """The server raises then; with a traceback for each, a client could fill the log."""

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        raise Disconnected("Attempt to send on a closed protocol")

    await AlarmConsumer.as_asgi()({"type": "websocket", "headers": []}, receive, send)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
