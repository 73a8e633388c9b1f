"""A tablet on the wall, which anyone can touch: state, arming, PIN pad, nothing else."""

import json
import re

import pytest
from django.db import transaction

from config.openapi import document
from core.threads import in_thread
from outputs import management, reports
from outputs.models import Command, Fault, Output
from people.models import Person, Role, Session
from people.sessions import announce_change, end
from tests.actions import ANNA, arm, armed, hear, make_sensor
from tests.conftest import PASSWORD
from tests.sockets import closing, receive, receive_until, sequence

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = {
    ("GET", "alarm/state/"),
    ("POST", "alarm/arm/"),
    ("POST", "alarm/disarm/"),
    ("POST", "alarm/acknowledge/"),
}
OPERATIONS = {
    (method.upper(), re.sub(r"\{\w+\}", "1", path).removeprefix("/api/"))
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
    if {"session": []}
    in [{k: v} for entry in operation.get("security", []) for k, v in entry.items()]
}


@pytest.fixture
def kiosk(admin) -> Person:
    return Person.objects.create_user("wall", PASSWORD, name="Hall", role=Role.KIOSK)


def test_what_is_looked_at_is_the_whole_api():
    assert (
        ALLOWED
        | {
            *(("GET", path) for path in ("events/", "events/export/", "sensors/", "settings/")),
            *(("GET", path) for path in ("people/", "codes/", "sessions/", "integrations/mqtt/")),
            *(("DELETE", path) for path in ("session/", "sessions/1/", "people/1/", "codes/1/")),
            *(
                ("POST", path)
                for path in ("session/password/", "session/proof/", "sensors/1/bypass/")
            ),
        }
        <= OPERATIONS
    )


@pytest.mark.parametrize(("method", "path"), sorted(OPERATIONS - ALLOWED))
def test_a_kiosk_can_do_nothing_else(login, kiosk, method, path):
    sensor = make_sensor()
    answer = login(kiosk).ask(method, path.replace("/1/", f"/{sensor.pk}/"), {})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_for_kiosks")


def test_a_kiosk_shows_the_state_arms_and_disarms(login, kiosk, pin):
    browser = login(kiosk)
    assert browser.ask("GET", "session/").json()["person"]["role"] == "kiosk"
    assert browser.ask("GET", "alarm/state/").json()["state"] == "disarmed"
    assert browser.ask("POST", "alarm/arm/", {"mode": "home"}).json()["state"] == "arming"
    assert browser.ask("POST", "alarm/disarm/", {"pin": "0000"}).status_code == 403
    assert browser.ask("POST", "alarm/disarm/", {"pin": pin}).json()["state"] == "disarmed"


@pytest.mark.parametrize("how", ["bypass", "force"])
def test_a_kiosk_leaves_no_sensor_out_without_a_pin(login, kiosk, pin, how):
    sensor = make_sensor(active=True)
    body = {"mode": "away", how: [sensor.pk] if how == "bypass" else True}
    tablet = login(kiosk)
    answer = tablet.ask("POST", "alarm/arm/", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "pin_required")
    answer = tablet.ask("POST", "alarm/arm/", {**body, "pin": pin})
    assert (answer.status_code, answer.json()["state"]) == (200, "arming")


def test_guesses_at_the_kiosk_do_not_lock_out_the_phone_of_a_resident(login, kiosk, resident, pin):
    armed()
    tablet, phone = login(kiosk), login(resident)
    statuses = [
        tablet.ask("POST", "alarm/disarm/", {"pin": f"000{n}"}).status_code for n in range(5)
    ]
    assert statuses[-1] == 429
    assert phone.ask("POST", "alarm/disarm/", {"pin": pin}).status_code == 200


async def test_a_kiosks_socket_has_the_alarm_and_nothing_else(connect, kiosk):
    sensor = await in_thread(make_sensor, "Secret door")
    socket = await connect(person=kiosk)
    snapshot = await receive(socket)
    assert (snapshot["sensors"], snapshot["integrations"]["mqtt"]["state"]) == ([], "off")
    assert snapshot["alarm"]["state"] == "disarmed"

    def act() -> int:
        hear(sensor, True)
        hear(sensor, False)
        arm()
        return sequence()

    changes = await receive_until(socket, await in_thread(act))
    assert changes[0]["sequence"] == snapshot["sequence"] + 1
    assert {message["topic"] for message in changes} == {"alarm", "hidden"}
    assert all(message["data"] == {} for message in changes if message["topic"] == "hidden")
    states = [message["data"]["state"] for message in changes if message["topic"] == "alarm"]
    assert states[-1] == "arming"
    await socket.send_json_to({"type": "resume", "since": snapshot["sequence"]})
    assert await receive_until(socket, changes[-1]["sequence"]) == changes


async def test_a_kiosk_sees_of_a_siren_only_whether_it_is_on(connect, kiosk):
    def add() -> int:
        siren = Output.objects.create(name="Attic", kind="mqtt", sent="off", is_confirmed=True)
        reports.take(siren.pk, Command.ON)
        return siren.pk

    pk = await in_thread(add)
    socket = await connect(person=kiosk)
    heard = {"id": pk, "name": "", "reported": "on", "error": ""}
    snapshot = await receive(socket)
    assert snapshot["outputs"] == [heard]

    def act() -> int:
        reports.take(pk, Command.OFF)
        reports.fail(pk, Fault.NO_ANSWER)
        management.remove(pk, ANNA)
        return sequence()

    newest = await in_thread(act)
    changes = await receive_until(socket, newest)
    heard["reported"] = "off"
    shown = [(one["topic"], one["data"]) for one in changes if one["topic"] != "hidden"]
    assert shown == [("output", heard), ("output", heard), ("output_removed", {"id": pk})]
    assert "Attic" not in json.dumps(changes)
    await socket.send_json_to({"type": "resume", "since": snapshot["sequence"]})
    assert await receive_until(socket, newest) == changes


async def test_a_kiosk_hears_the_chime(connect, kiosk):
    door = await in_thread(lambda: make_sensor("Front door", chime=True))
    socket = await connect(person=kiosk)
    await receive(socket)

    def ring() -> int:
        hear(door)
        return sequence()

    changes = await receive_until(socket, await in_thread(ring))
    rung = [message["data"] for message in changes if message["topic"] == "chime"]
    assert rung == [{"id": door.pk, "name": "Front door"}]


async def test_a_person_who_becomes_a_kiosk_sees_no_more_of_the_rest(connect, resident):
    socket = await connect(person=resident)
    await receive(socket)
    sensor = await in_thread(make_sensor)

    def demote() -> int:
        with transaction.atomic():
            Person.objects.filter(pk=resident.pk).update(role=Role.KIOSK)
            announce_change(resident.pk)
        hear(sensor, True)
        return sequence()

    changes = await receive_until(socket, await in_thread(demote))
    assert {message["topic"] for message in changes} <= {"alarm", "hidden"}


async def test_a_kiosk_can_be_revoked(connect, kiosk):
    socket = await connect(person=kiosk)
    await receive(socket)
    await in_thread(lambda: end(Session.objects.get(pk=socket.key)))
    assert await closing(socket) == (4401, 4401)
