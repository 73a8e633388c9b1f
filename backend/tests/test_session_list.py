"""The list of sessions, and that they can be ended."""

import datetime as dt

import pytest
from django.utils import timezone

from alarm.models import Event
from core.threads import in_thread
from people import proof, sessions
from people.models import Person, Session
from people.session_store import SessionStore
from tests.actions import SESSION_COOKIE, arm, edit_sessions
from tests.sockets import closing, receive

pytestmark = pytest.mark.django_db(transaction=True)


def own(browser) -> list[dict]:
    answer = browser.ask("GET", "sessions/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def is_logged_in(browser) -> bool:
    return browser.ask("GET", "session/").json()["person"] is not None


def id_of_current(browser) -> str:
    (current,) = (one for one in own(browser) if one["is_current"])
    return current["id"]


def test_one_sees_ones_own_sessions_with_device_and_last_use(login, admin, resident):
    here, there = login(resident), login(resident)
    login(admin)
    listed = own(here)
    assert [one["person"]["username"] for one in listed] == ["ben", "ben"]
    assert sorted(one["is_current"] for one in listed) == [False, True]
    for one in listed:
        assert one["device"] == "Firefox, 127.0.0.1"
        assert one["created_at"].endswith("Z")
        assert one["last_used_at"].endswith("Z")
        assert one["expires_at"] > one["last_used_at"]
    keys = {browser.cookies[SESSION_COOKIE].value for browser in (here, there)}
    assert not any(key in str(listed) for key in keys)


def test_an_admin_sees_everyones(login, admin, resident):
    login(resident)
    listed = own(login(admin))
    assert [one["person"]["username"] for one in listed] == ["anna", "ben"]


def test_a_session_of_an_older_version_is_listed_too(login, resident):
    browser = login(resident)
    Session.objects.all().delete()
    old = login(resident)
    edit_sessions(lambda data: [data.pop(name) for name in ("created_at", "used_at", "device")])
    (listed,) = own(old)
    assert listed["created_at"] is None
    assert not is_logged_in(browser)


def test_expired_sessions_are_not_listed(login, resident):
    login(resident)
    Session.objects.update(expire_date=timezone.now())
    assert len(own(login(resident))) == 1


def test_one_of_ones_own_sessions_is_ended(login, resident):
    """Also while armed, and without a proof: it cannot weaken the alarm."""
    here, there = login(resident), login(resident)
    arm("home")
    assert here.ask("DELETE", f"sessions/{id_of_current(there)}/").status_code == 204
    assert (is_logged_in(here), is_logged_in(there)) == (True, False)
    assert here.ask("DELETE", f"sessions/{id_of_current(here)}/").status_code == 204
    assert not is_logged_in(here)
    assert not Session.objects.exists()


def test_all_but_this_one_are_ended(login, admin, resident):
    here, there, other = login(resident), login(resident), login(admin)
    assert here.ask("DELETE", "sessions/").status_code == 204
    assert [is_logged_in(browser) for browser in (here, there, other)] == [True, False, True]


def test_a_resident_cannot_end_the_sessions_of_others(login, admin, resident):
    theirs, ours = login(admin), login(resident)
    for session_id in (id_of_current(theirs), "0" * 16):
        answer = ours.ask("DELETE", f"sessions/{session_id}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = ours.ask("DELETE", f"people/{admin.pk}/sessions/")
    assert (answer.status_code, answer.json()["code"]) == (403, "admin_only")
    assert is_logged_in(theirs)


def test_an_admin_ends_the_session_of_another(login, admin, resident):
    theirs, ours = login(resident), login(admin)
    assert ours.ask("DELETE", f"sessions/{id_of_current(theirs)}/").status_code == 204
    assert not is_logged_in(theirs)
    event = Event.objects.get(kind="person")
    assert (event.detail, event.person_name) == ("A session of ben was ended.", "Anna")


def test_an_admin_ends_all_sessions_of_a_person(login, admin, resident):
    theirs, also_theirs, ours = login(resident), login(resident), login(admin)
    assert ours.ask("DELETE", f"people/{resident.pk}/sessions/").status_code == 204
    assert ours.ask("DELETE", "people/999/sessions/").status_code == 404
    assert [is_logged_in(one) for one in (theirs, also_theirs, ours)] == [False, False, True]
    assert ours.ask("DELETE", f"people/{admin.pk}/sessions/").status_code == 204
    assert is_logged_in(ours)


@pytest.mark.parametrize("path", ["sessions/{session}/", "people/{person}/sessions/"])
def test_the_sessions_of_others_are_ended_only_while_disarmed_and_with_a_proof(
    login, admin, resident, path
):
    theirs, ours = login(resident), login(admin)
    path = path.format(session=id_of_current(theirs), person=resident.pk)
    arm("away")
    assert ours.ask("DELETE", path).json()["code"] == "not_disarmed"
    store = SessionStore(ours.cookies[SESSION_COOKIE].value)
    store["proved_at"] = (timezone.now() - proof.FRESH).timestamp()
    store.save()
    assert ours.ask("DELETE", path).json()["code"] == "proof_required"
    assert is_logged_in(theirs)


async def test_the_socket_of_an_ended_session_is_closed(connect, admin, resident):
    socket = await connect(person=resident)
    await receive(socket)
    await in_thread(lambda: sessions.end(Session.objects.get(pk=socket.key)))
    assert await closing(socket) == (4401, 4401)


def test_the_ages_are_settings(login, admin, settings):
    settings.SESSION_DAYS = {**settings.SESSION_DAYS, "admin": 2}
    login(admin)
    left = Session.objects.get().expire_date - timezone.now()
    assert dt.timedelta(days=1) < left <= dt.timedelta(days=2)
    assert Person.objects.get().role == "admin"
