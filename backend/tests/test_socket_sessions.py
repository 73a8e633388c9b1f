"""A WebSocket ends with its session: whoever ended that, and whether or not it was announced."""

import asyncio
import datetime as dt

import pytest
from django.db import transaction

from alarm import consumers, visitors
from alarm.consumers import end_sessions
from alarm.visitors import Visitor
from config.threads import in_thread
from people import codes
from people.models import Person, Session
from people.sessions import open_for
from tests.conftest import terminate_backends
from tests.house import arm, armed, disarm
from tests.sockets import closing, receive, receive_until, sequence

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("cookie", [None, "", "sessionid=", "sessionid=nonsense", "a=b; =; \x7f"])
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
            end_sessions(number)

    await in_thread(work)
    assert await closing(theirs) == (4401, 4401)
    assert await ours.receive_nothing(0.1)


async def test_another_session_of_the_same_person_goes_on(connect, admin):
    phone, wall = await connect(person=admin), await connect(person=admin)
    for socket in (phone, wall):
        await receive(socket)
    await in_thread(delete_session, admin, phone.key)
    await in_thread(end_sessions, admin.pk)
    assert await closing(phone) == (4401, 4401)
    assert await wall.receive_nothing(0.1)
    newest = (await in_thread(arm))["sequence"]
    await receive_until(wall, newest)


async def test_who_changes_a_password_comes_again_with_the_new_cookie(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)
    await in_thread(end_sessions, admin.pk, socket.key)
    assert await closing(socket) == (4013, 4013)


async def test_an_end_that_nobody_announced_is_noticed(connect, admin, monkeypatch):
    monkeypatch.setattr(consumers, "PING_EVERY", 0.05)
    monkeypatch.setattr(consumers, "LOOK_EVERY", 0.05)
    socket = await connect(person=admin)
    await receive(socket)
    await in_thread(delete_session, admin, socket.key)
    assert await closing(socket) == (4401, 4401)


async def test_sockets_of_one_session_are_looked_at_once_and_need_not_wait_for_each_other(
    admin, resident, monkeypatch
):
    day = dt.timedelta(days=1)
    keys = [await in_thread(open_for, person, day) for person in (admin, resident)]
    looks = []
    original = visitors.visitors
    monkeypatch.setattr(visitors, "visitors", lambda keys: looks.append(keys) or original(keys))
    monkeypatch.setattr(visitors, "GATHER", 0.05)
    gone, *others = [asyncio.create_task(visitors.visitor_soon(key)) for key in (*keys, *keys)]
    await asyncio.sleep(0)
    gone.cancel()
    found = await asyncio.gather(*others)
    assert found == [Visitor(p.pk, p.is_admin) for p in (resident, admin, resident)]
    assert looks == [set(keys)]


def test_sessions_that_are_looked_at_together_are_judged_as_each_would_be(admin, resident):
    day = dt.timedelta(days=1)
    here, there, ended = [open_for(admin, day) for _ in range(3)]
    over = open_for(admin, -day)
    before = open_for(resident, day)
    resident.set_password("another door and a window")
    resident.save()
    after = open_for(resident, day)
    delete_session(admin, ended)
    keys = {here, there, ended, over, before, after, ""}
    one_by_one = {key: visitors.visitor(key) for key in sorted(keys - {before})}
    assert visitors.visitors(keys) == {**one_by_one, before: None}
    assert [key for key in one_by_one if one_by_one[key] is None] == sorted((ended, over, ""))


def test_a_session_that_ends_meanwhile_takes_no_other_along(admin, monkeypatch):
    keys = [open_for(admin, dt.timedelta(days=1)) for _ in range(3)]
    original = visitors.visitor

    def end_and_look(key):
        monkeypatch.setattr(visitors, "visitor", original)
        delete_session(admin, key)
        return original(key)

    monkeypatch.setattr(visitors, "visitor", end_and_look)
    found = visitors.visitors(keys)
    assert sorted(found.values(), key=bool) == [None, *[Visitor(admin.pk, True)] * 2]


def test_a_hundred_sessions_of_one_person_take_three_queries(admin, django_assert_num_queries):
    keys = [open_for(admin, dt.timedelta(days=1)) for _ in range(100)]
    with django_assert_num_queries(3):  # all sessions; one of them, and its person
        found = visitors.visitors(keys)
    assert set(found.values()) == {Visitor(admin.pk, True)}


async def test_an_end_while_the_listener_is_away_is_noticed_with_its_return(connect, admin):
    socket = await connect(person=admin)
    await receive(socket)

    def cut_and_end():
        delete_session(admin, socket.key)
        terminate_backends("alarm broadcast")

    await in_thread(cut_and_end)
    assert await closing(socket) == (4401, 4401)


async def test_a_demoted_admin_is_told_what_residents_are_told(connect, admin, resident):
    socket = await connect(person=admin)
    await receive(socket)

    def demote_and_use_duress() -> int:
        Person.objects.filter(pk=admin.pk).update(role="resident")
        end_sessions(admin.pk)
        armed()
        disarm(codes.create("9999", "Help me", duress=True))
        return sequence()

    found = await receive_until(socket, await in_thread(demote_and_use_duress))
    assert "duress" not in str(found)


async def test_a_look_that_takes_longer_does_not_undo_a_newer_one(connect, admin, monkeypatch):
    consumer = consumers.AlarmConsumer()
    consumer.key = "any"
    slow = asyncio.Event()

    async def read_before_the_demotion(key):
        await slow.wait()
        return Visitor(admin.pk, is_admin=True)

    monkeypatch.setattr(visitors, "visitor_soon", read_before_the_demotion)
    monkeypatch.setattr(visitors, "visitor", lambda key: Visitor(admin.pk, is_admin=False))
    older = asyncio.create_task(consumer.look_at_session(soon=True))
    await asyncio.sleep(0)
    assert await consumer.look_at_session()
    slow.set()
    assert await older
    assert consumer.visitor == Visitor(admin.pk, is_admin=False)
