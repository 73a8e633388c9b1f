"""The database has no session's key, so that its reader cannot use a session."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.threads import in_thread
from people import accounts, session_keys
from people.actors import COMMAND_LINE
from people.models import Session
from people.session_store import SessionStore
from people.sessions import open_for
from tests.actions import SESSION_COOKIE
from tests.conftest import Browser
from tests.sockets import receive

pytestmark = pytest.mark.django_db(transaction=True)


def rows_of_the_database() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key, session_data FROM people_session")
        return cursor.fetchall()


def is_logged_in(key: str) -> bool:
    browser = Browser()
    browser.cookies[SESSION_COOKIE] = key
    return browser.ask("GET", "session/").json()["person"] is not None


def test_a_reader_of_the_database_cannot_use_a_session(login, admin):
    key = login(admin).cookies[SESSION_COOKIE].value
    ((stored, data),) = rows_of_the_database()
    assert key not in f"{stored} {data} {SessionStore().decode(data)}"
    assert is_logged_in(key)
    for tried in (stored, stored[:32], stored[-32:]):
        assert not is_logged_in(tried)


async def test_neither_can_a_listener_to_what_the_processes_tell_each_other(
    connect, admin, monkeypatch
):
    socket = await connect(person=admin)
    await receive(socket)
    told: list[str] = []
    monkeypatch.setattr("broadcast.announce", lambda group, message: told.append(str(message)))
    new = {"password": "another long sentence"}
    await in_thread(accounts.change, admin.pk, new, COMMAND_LINE, socket.key)
    assert any("session.changed" in one for one in told)
    assert socket.key not in "".join(told)


def test_a_session_is_stored_again_and_ended_by_its_key(admin):
    key = open_for(admin, dt.timedelta(hours=1))
    store = SessionStore(key)
    store["more"] = 1
    store.save()
    assert SessionStore(key)["more"] == 1
    assert Session.objects.count() == 1
    Session.objects.get().save()
    assert Session.objects.get(pk=key).session_key == session_keys.stored(key)
    SessionStore(key).delete()
    assert not Session.objects.exists()


def test_a_session_of_an_older_version_goes_on(admin):
    """Its row has the key itself; the migration replaces it by the hash."""
    key = open_for(admin, dt.timedelta(hours=1))
    everything = MigrationExecutor(connection).loader.graph.leaf_nodes()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_session SET session_key = %s", [key])
        old = rows_of_the_database()
        MigrationExecutor(connection).migrate([("people", "0004_kiosk")])
        assert not rows_of_the_database()  # going back ends the sessions
        cursor.execute(
            "INSERT INTO people_session (session_key, session_data, expire_date, person_id)"
            " VALUES (%s, %s, now() + interval '1 hour', %s)",
            [*old[0], admin.pk],
        )
    MigrationExecutor(connection).migrate(everything)
    assert rows_of_the_database() == [(session_keys.stored(key), old[0][1])]
    assert is_logged_in(key)
