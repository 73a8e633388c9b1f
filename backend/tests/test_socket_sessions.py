"""A WebSocket ends with its session, whatever ended that, announced or not."""

import asyncio
import threading

import pytest
from django.db import transaction

from core.threads import in_thread
from people import codes
from people.models import Person, Role, Session
from people.sessions import announce_change
from realtime import consumers
from tests.actions import SESSION_COOKIE, arm, armed, disarm
from tests.conftest import terminate_backends
from tests.sockets import closing, receive, receive_until, sequence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "cookie", [None, "", f"{SESSION_COOKIE}=", f"{SESSION_COOKIE}=nonsense", "a=b; =; \x7f"]
)
async def test_without_a_session_it_is_closed(connect, admin, cookie):
    socket = await connect(**({} if cookie is None else {"cookie": cookie}))
    assert await closing(socket) == (4401, 4401)


def delete_session(person: Person, key: str) -> None:
    Session.objects.filter(pk=key).delete()


def deactivate(person: Person, key: str) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)


def change_password(person: Person, key: str) -> None:
    person.set_password("another one entirely")
    person.save()


def delete_person(person: Person, key: str) -> None:
    Session.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk).delete()


@pytest.mark.parametrize("end", [delete_session, deactivate, change_password, delete_person])
async def test_it_ends_with_its_session(connect, admin, resident, end):
    theirs, ours = await connect(person=resident), await connect(person=admin)
    for socket in (theirs, ours):
        await receive(socket)

    def work() -> None:
        with transaction.atomic():
            number = resident.pk
            end(resident, theirs.key)
            announce_change(number)

    await in_thread(work)
    assert await closing(theirs) == (4401, 4401)
    assert await ours.receive_nothing(0.1)


async def test_another_session_of_the_same_person_stays_open(connect, admin):
    phone, wall = await connect(person=admin), await connect(person=admin)
    for socket in (phone, wall):
        await receive(socket)
    await in_thread(delete_session, admin, phone.key)
    await in_thread(announce_change, admin.pk)
    assert await closing(phone) == (4401, 4401)
    assert await wall.receive_nothing(0.1)
    newest = (await in_thread(arm))["sequence"]
    await receive_until(wall, newest)


async def test_a_socket_whose_session_is_renewed_is_asked_to_reconnect(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    await in_thread(announce_change, admin.pk, socket.key)
    assert await closing(socket) == (4013, 4013)


async def test_an_unannounced_end_is_noticed(connect, admin, monkeypatch):
    monkeypatch.setattr(consumers, "PING_EVERY", 0.05)
    monkeypatch.setattr(consumers, "READ_SESSION_EVERY", 0.05)
    socket = await connect(person=admin)
    await receive(socket)
    await in_thread(delete_session, admin, socket.key)
    assert await closing(socket) == (4401, 4401)


async def test_an_end_while_the_listener_is_away_is_noticed_with_its_return(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)

    def cut_and_end():
        delete_session(admin, socket.key)
        terminate_backends("alarm broadcast")

    await in_thread(cut_and_end)
    assert await closing(socket) == (4401, 4401)


async def test_a_demoted_admin_gets_what_residents_get(connect, admin, resident):
    socket = await connect(person=admin)
    await receive(socket)

    def demote_and_use_duress() -> int:
        Person.objects.filter(pk=admin.pk).update(role="resident")
        announce_change(admin.pk)
        armed()
        disarm(codes.create("9999", "Help me", duress=True))
        return sequence()

    found = await receive_until(socket, await in_thread(demote_and_use_duress))
    assert "duress" not in str(found)


async def test_a_slow_reading_of_the_session_does_not_undo_a_newer_one(admin, monkeypatch):
    consumer = consumers.AlarmConsumer()
    consumer.key = "any"
    thaw, roles = threading.Event(), iter([Role.ADMIN, Role.RESIDENT])

    def slow_and_then_quick(key):
        person = Person(pk=admin.pk, role=next(roles))
        assert not person.is_admin or thaw.wait(20)
        return person

    monkeypatch.setattr(consumers, "person_of_session", slow_and_then_quick)
    readings = [asyncio.create_task(consumer.read_session()) for _ in range(2)]
    await asyncio.sleep(0.1)
    thaw.set()
    assert await asyncio.gather(*readings) == [True, True]
    assert not consumer.is_admin
