"""The log: sealed by the database, so that a change or a removal shows."""

import datetime as dt

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from alarm import chain, grants, retention
from alarm.models import Event, EventChain
from tests.actions import arm, armed, disarm, hear, make_sensor, set_delays
from tests.conftest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def as_owner(sql: str, *values: str | int) -> None:
    """Do what the owner of the database can do, past the trigger that refuses changes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE alarm_event DISABLE TRIGGER append_only")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE alarm_event ENABLE TRIGGER append_only")


def past(days: float, **fields) -> Event:
    at = timezone.now() - dt.timedelta(days=days)
    event = Event.objects.create(**{"at": at, "kind": "sensor", "cause": "sensor", **fields})
    event.refresh_from_db()
    return event


def verdict(capsys) -> list[str]:
    call_command("verify_log")
    return capsys.readouterr().out.splitlines()


def broken() -> list[str]:
    with pytest.raises(CommandError) as caught:
        call_command("verify_log")
    assert caught.value.returncode == 1
    return str(caught.value).splitlines()


def test_a_log_that_nothing_has_changed_is_whole(capsys):
    assert verdict(capsys)[0] == "✓ The log is whole: 0 events."
    armed()
    disarm()
    count = Event.objects.count()
    first, second = verdict(capsys)
    assert first == f"✓ The log is whole: {count} events, 1 to {count}."
    assert second == f"  Its end is {Event.objects.latest('sequence').hash}"


@pytest.mark.parametrize(
    "change",
    [
        "at = at - interval '1 hour'",
        "kind = 'login'",
        "from_state = 'armed_away'",
        "to_state = 'armed_away'",
        "cause = 'timer'",
        "person_id = 7",
        "person_name = 'Carla'",
        "sensor_id = 7",
        "sensor_name = 'Garage'",
        "source = 'elsewhere'",
        "detail = 'Nothing happened.'",
        "facts = '{}'",
        "id = id + 1000000",
        "hash = repeat('f', 64)",
    ],
)
def test_a_changed_event_is_found(change):
    events = [past(days) for days in (3, 2, 1)]
    as_owner(f"UPDATE alarm_event SET {change} WHERE id = %s", events[1].pk)
    what, remedy = broken()
    assert what.startswith("✗ Event 2 of the log, of 20")
    assert what.endswith(" was changed.")
    assert remedy.startswith("  → Compare it with a backup")


def test_a_removed_or_inserted_event_is_found():
    events = [past(days) for days in (4, 3, 2, 1)]
    as_owner("DELETE FROM alarm_event WHERE id = %s", events[1].pk)
    assert broken()[0] == "✗ Event 2 of the log is missing."


@pytest.mark.parametrize("later", [0, 1])
def test_a_log_whose_end_was_cut_off_is_found_also_after_further_events(later):
    events = [past(days) for days in (3, 2, 1)]
    as_owner("DELETE FROM alarm_event WHERE id = %s", events[2].pk)
    for _ in range(later):
        past(0)
    expected = (
        "Event 3 of the log is missing."
        if later
        else ("The log ends with event 2, but 3 was written.")
    )
    assert broken()[0] == f"✗ {expected}"


def test_a_changed_event_with_its_right_hash_is_found_at_the_next_one():
    events = [past(days) for days in (3, 2, 1)]
    events[1].detail = "Nothing happened."
    forged = chain.hash_of(events[0].hash, events[1])
    as_owner(
        "UPDATE alarm_event SET detail = %s, hash = %s WHERE id = %s",
        events[1].detail,
        forged,
        events[1].pk,
    )
    assert broken()[0].startswith("✗ Event 3 of the log, of ")


def test_retention_keeps_what_the_rest_is_checked_with(monkeypatch, capsys):
    monkeypatch.setattr(retention, "STEP", 2)
    set_delays(retention_days=30)
    for days in (50, 40, 31, 2, 1):
        past(days)
    assert retention.apply() == 3
    assert verdict(capsys)[0] == "✓ The log is whole: 2 events, 4 to 5."
    past(0)
    assert verdict(capsys)[0] == "✓ The log is whole: 3 events, 4 to 6."
    as_owner("DELETE FROM alarm_event WHERE sequence = 4")
    assert broken()[0] == "✗ Event 4 of the log is missing."


def test_retention_of_every_event_keeps_the_numbers(capsys):
    set_delays(retention_days=1)
    past(3)
    assert retention.apply() == 1
    assert verdict(capsys)[0] == "✓ The log is whole: 0 events."
    past(0)
    assert verdict(capsys)[0] == "✓ The log is whole: 1 events, 2 to 2."


def test_an_event_of_the_future_does_not_keep_older_ones_nor_goes_early(capsys):
    """The clock was wrong when it was written."""
    set_delays(retention_days=30)
    for days in (50, -400, 40):
        past(days)
    kept = [past(-400), past(2)]
    assert retention.apply() == 3
    assert list(Event.objects.order_by("sequence")) == kept
    assert verdict(capsys)[0] == "✓ The log is whole: 2 events, 4 to 5."


def test_a_rolled_back_event_leaves_no_gap(capsys):
    past(2)
    with transaction.atomic():
        past(1)
        transaction.set_rollback(True)
    past(0)
    assert verdict(capsys)[0] == "✓ The log is whole: 2 events, 1 to 2."


def test_writers_at_the_same_moment_make_one_chain(capsys):
    sensors = [make_sensor(f"Door {n}") for n in range(3)]
    arm()

    def report(sensor):
        return lambda: [hear(sensor, active) for active in [True, False] * 5]

    def import_history():
        Event.objects.bulk_create(
            [Event(at=timezone.now(), cause="api", detail=str(n)) for n in range(50)]
        )

    in_threads(*map(report, sensors), import_history, import_history)
    count = Event.objects.count()
    assert count > 100
    assert verdict(capsys)[0] == f"✓ The log is whole: {count} events, 1 to {count}."
    assert EventChain.objects.get().sequence == count


@hypothesis(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    detail=st.text(
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=500
    ),
    at=st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2999, 1, 1), timezones=st.just(dt.UTC)),
    number=st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
)
def test_any_text_has_one_hash_here_and_in_the_database(detail, at, number):
    event = past(0, detail=detail, at=at, person_id=number, source=detail[:200])
    chain.check()
    assert len(event.hash) == 64


def test_the_events_of_an_installation_before_are_sealed_when_it_is_upgraded(capsys):
    everything = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("alarm", "0003_delete_pin")])
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO alarm_event (at, kind, cause, from_state, to_state, person_name,"
                " sensor_name, source, detail) SELECT now() - (9 - n) * interval '1 hour', 'login',"
                " 'api', '', '', 'Ann', '', 'Firefox', 'Log in ' || n FROM generate_series(1, 5) n"
            )
    finally:
        MigrationExecutor(connection).migrate(everything)
    assert verdict(capsys)[0] == "✓ The log is whole: 5 events, 1 to 5."
    past(0)
    assert verdict(capsys)[0] == "✓ The log is whole: 6 events, 1 to 6."
    as_owner("UPDATE alarm_event SET person_name = 'Ben' WHERE sequence = 3")
    assert broken()[0].startswith("✗ Event 3 of the log, of ")


# --- The role of the programs that serve ----------------------------------------------------------


@pytest.fixture
def app_role():
    """A function that runs SQL with what the serving programs know of the database."""
    grants.apply()
    name, password = settings.DATABASE.app_role
    given = connection.get_connection_params() | {"user": name, "password": password}
    unwanted = ("pool", "context", "cursor_factory", "prepare_threshold", "client_encoding")
    given = {key: value for key, value in given.items() if key not in unwanted}

    with psycopg.connect(**given, autocommit=True) as session:
        yield session.execute


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alarm_event SET detail = ''",
        "DELETE FROM alarm_event",
        "TRUNCATE alarm_event",
        "INSERT INTO alarm_event SELECT * FROM alarm_event"
        " ON CONFLICT (id) DO UPDATE SET detail = ''",
        "UPDATE alarm_eventchain SET sequence = 0",
        "DELETE FROM alarm_eventchain",
        "DELETE FROM django_migrations",
        "ALTER TABLE alarm_event DISABLE TRIGGER ALL",
        "ALTER TABLE alarm_event RENAME TO history",
        "DROP TABLE alarm_event",
        "DROP TRIGGER seal ON alarm_event",
        "CREATE OR REPLACE FUNCTION alarm_event_seal() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
        "CREATE TABLE public.alarm_shadow (id int)",
        "SET session_replication_role = replica",
        "SET ROLE alarm",
        "SET SESSION AUTHORIZATION alarm",
        "ALTER ROLE alarm_app SUPERUSER",
        "SELECT rolpassword FROM pg_authid",
    ],
)
def test_the_serving_programs_cannot_change_the_log(app_role, statement, capsys):
    past(2)
    past(1)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app_role(statement)
    assert verdict(capsys)[0] == "✓ The log is whole: 2 events, 1 to 2."


def test_the_serving_programs_remove_only_what_is_older_than_the_retention(app_role, capsys):
    set_delays(retention_days=30)
    for days in (50, 40, 3):
        past(days)
    app_role("SELECT set_config('alarm.remove_until', '99', false)")
    assert app_role("SELECT alarm_event_remove_old(100)").fetchone() == (2,)
    assert app_role("SELECT alarm_event_remove_old(100)").fetchone() == (0,)
    assert verdict(capsys)[0] == "✓ The log is whole: 1 events, 3 to 3."


def test_what_the_serving_programs_insert_is_sealed_whatever_they_say(app_role, capsys):
    past(1)
    app_role(
        "INSERT INTO alarm_event (at, kind, cause, from_state, to_state, person_name, sensor_name,"
        " source, detail, sequence, hash) VALUES (now(), 'login', 'api', '', '', '', '', '', '',"
        " 77, 'forged')"
    )
    assert verdict(capsys)[0] == "✓ The log is whole: 2 events, 1 to 2."


def test_a_table_of_a_later_migration_is_the_serving_programs_too(app_role):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE alarm_later (id bigserial, at timestamptz)")
    try:
        app_role("INSERT INTO alarm_later (at) VALUES (now())")
        app_role("DELETE FROM alarm_later")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE alarm_later")


def test_containers_that_start_together_all_set_up_the_role():
    assert in_threads(*[grants.apply] * 6) == [None] * 6
