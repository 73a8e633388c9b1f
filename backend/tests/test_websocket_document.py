"""docs/websocket.md agrees with the code: each example is compared with a real message."""

import json
import re

import pytest

from alarm import changes, sensors, services
from alarm.event_serializers import EventSerializer
from alarm.events import record
from alarm.models import Cause, Sensor
from core.threads import in_thread
from integrations.mqtt import status
from outputs import management
from people.actors import COMMAND_LINE
from people.facts import LOGGED_IN
from realtime import consumers
from tests.actions import ANNA, arm, current, end_delay, hear, make_sensor
from tests.conftest import BACKEND

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = (BACKEND.parent / "docs" / "websocket.md").read_text(encoding="utf-8")
TOPICS = {
    *("alarm", "chime", "sensor", "sensor_removed", "output", "output_removed"),
    *("settings", "integration", "event"),
}


def examples(side: str) -> list[dict]:
    """Return the JSON blocks of what this side sends."""
    return [json.loads(block) for block in re.findall(rf"```json {side}\n(.*?)```", DOCUMENT, re.S)]


def shape(value):
    """Return a JSON value's shape: names and types, whatever the values; null is any type."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def example(kind: str, topic: str | None = None) -> dict:
    found = [one for one in examples("server") if one["type"] == kind and one.get("topic") == topic]
    assert len(found) == 1, (kind, topic)
    return found[0]


def test_every_block_names_its_side_and_every_message_has_its_block():
    assert DOCUMENT.count("```") == 2 * len(examples("server") + examples("client"))
    kinds = {one["type"] for one in examples("server")}
    assert kinds == {"snapshot", "change", "resumed", "ping", "pong", "error"}
    assert {one["topic"] for one in examples("server") if one["type"] == "change"} == TOPICS
    assert {one["type"] for one in examples("client")} == {"ping", "pong", "resume"}


async def test_the_snapshot_is_like_the_documents(connect, admin):
    def prepare() -> None:
        current()
        door = make_sensor("Front door", type="entry_exit", entry_delay=45)
        hear(door, False, battery_low=True)
        status.put(status.OFF)
        management.create(ANNA, name="Siren", kind="mqtt")
        services.arm("away", ANNA, Cause.API)
        services.trigger(ANNA, Cause.API)
        end_delay()
        end_delay()
        hear(door)

    await in_thread(prepare)
    socket = await connect(person=admin)
    sent = await socket.receive_json_from(timeout=20)
    wanted = example("snapshot")
    assert sent["alarm"]["state"] == wanted["alarm"]["state"] == "pending"
    for one in (sent, wanted):
        for name in ("home", "night", "vacation"):  # lists that the example leaves empty
            one["alarm"]["not_ready"][name] = []
        one["alarm"]["memory"][0]["id"] = 1  # null for what is no sensor
        one["sensors"][0]["heartbeat"] = None
    assert shape(sent) == shape(wanted)


async def test_every_change_is_like_the_documents(connect, admin):
    socket = await connect(person=admin)
    await socket.receive_json_from(timeout=20)

    def change_everything() -> None:
        water = sensors.create(COMMAND_LINE, Cause.COMMAND, name="Cellar", kind="water")
        services.change_settings(COMMAND_LINE, Cause.COMMAND, exit_delay={"away": 45})
        status.put(status.CONNECTING)
        hear(make_sensor("Front door", chime=True))
        hear(Sensor.objects.get(name="Front door"), False)
        hear(water, False)
        siren = management.create(ANNA, name="Siren", kind="mqtt")
        management.remove(siren.pk, ANNA)
        arm()
        services.disarm(ANNA, Cause.API)
        sensors.remove(water.pk, COMMAND_LINE, Cause.COMMAND)

    await in_thread(change_everything)
    newest = (await in_thread(services.current)).sequence
    seen: dict[str, list[dict]] = {}
    sequence = 0
    while sequence < newest:
        message = await socket.receive_json_from(timeout=20)
        sequence = message["sequence"]
        seen.setdefault(message["topic"], []).append(message)
    assert set(seen) == TOPICS
    for topic, messages in seen.items():
        wanted = shape(example("change", topic))
        if topic == "alarm":
            wanted["data"]["not_ready"]["away"] = []
        assert wanted in [shape(message) for message in messages], (topic, messages)


async def test_the_documents_words_of_the_client_are_understood(connect, admin):
    for message in examples("client"):
        socket = await connect(person=admin)
        sequence = (await socket.receive_json_from(timeout=20))["sequence"]
        if message["type"] == "resume":
            assert set(message) == {"type", "since"}
            message["since"] = sequence
        await socket.send_json_to(message)
        if message["type"] == "pong":
            assert await socket.receive_nothing(0.1)
            continue
        answer = await socket.receive_json_from(timeout=20)
        wanted = example("resumed" if message["type"] == "resume" else "pong")
        assert shape(answer) == shape(wanted)


async def test_the_documents_error_is_sent_before_closing(connect):
    socket = await connect()
    assert await socket.receive_json_from(timeout=20) == example("error")
    closing = await socket.receive_output(timeout=20)
    assert closing["code"] == 4401


def test_the_documents_numbers_are_the_codes():
    assert f"every {consumers.PING_EVERY:.0f} s" in DOCUMENT
    assert f"for {consumers.SILENCE_LIMIT:.0f} s" in DOCUMENT
    assert f"larger than {consumers.LARGEST_MESSAGE} bytes" in DOCUMENT
    assert f"after {consumers.ASK_AFTER // 1024} KiB" in DOCUMENT
    assert f"after {consumers.UNANSWERED_LIMIT // 1024**2} MiB" in DOCUMENT
    assert f"last {changes.KEPT:,} changes" in DOCUMENT
    codes = {consumers.TRY_AGAIN, consumers.BAD_MESSAGE, consumers.NOT_LOGGED_IN, consumers.SILENT}
    codes |= {4012}  # the server's own, when it stops (docker/prod/bin/graceful_shutdown.py)
    assert {int(code) for code in re.findall(r"^\| (\d{4}) \|", DOCUMENT, re.M)} == codes


def test_an_event_is_sent_as_the_api_answers_it():
    event = record("login", cause="api", actor=ANNA, detail=LOGGED_IN())
    assert set(EventSerializer(event).data) == set(example("change", "event")["data"])
