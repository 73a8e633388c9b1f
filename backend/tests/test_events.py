"""The history: filters, pages, the CSV export, visibility and removal."""

import csv
import datetime as dt
import io
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import AsyncClient
from django.utils import timezone

from alarm import csv_export, event_views, events, retention
from alarm.models import Change, Event, Worker
from core.sentences import Sentence
from core.threads import in_thread
from people import codes
from people.actors import COMMAND_LINE, Actor
from people.facts import LOGGED_IN
from tests.actions import ANNA, arm, armed, disarm, hear, make_sensor, set_delays

pytestmark = pytest.mark.django_db(transaction=True)
EVENT = {"id", "at", "kind", "from_state", "to_state", "cause"}
EVENT |= {"person", "sensor", "source", "detail", "facts"}


@pytest.fixture
def office(admin, login, settings):
    """The admin's browser; its login is not in the history."""
    settings.ALARM_HOSTS = ("localhost", "testserver")  # what the async client calls us
    browser = login(admin)
    forget_everything()
    return browser


def forget_everything() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE alarm_event")


def past(days: float, kind: str = "sensor", **fields) -> Event:
    """Write an event of so many days ago."""
    moment = timezone.now() - dt.timedelta(days=days)
    return Event.objects.create(**{"at": moment, "kind": kind, "cause": "sensor", **fields})


def results(browser, query: str = "") -> list[dict]:
    answer = browser.ask("GET", f"events/{query}")
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def follow(browser, link: str) -> dict:
    return browser.ask("GET", link.partition("/api/")[2]).json()


# --- Reading --------------------------------------------------------------------------------------


def test_an_event_has_its_actor_kind_moment_and_source(office):
    door = make_sensor()
    hear(door)
    event = results(office)[0]
    assert set(event) == EVENT
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", event["at"])
    assert event["sensor"] == {"id": door.pk, "name": "Back door"}
    assert (event["kind"], event["person"], event["detail"]) == ("sensor", None, "Opened.")
    hear(door, False)
    arm()
    event = results(office)[0]
    assert event["person"] == {"id": ANNA.person_id, "name": "Anna"}
    assert (event["from_state"], event["to_state"]) == ("disarmed", "arming")
    assert event["source"] == ANNA.source


def test_pages_do_not_shift_while_events_are_added(office):
    written = [past(n / 10).pk for n in range(7)]
    page = office.ask("GET", "events/?page_size=3").json()
    assert (set(page), page["previous"]) == ({"next", "previous", "results"}, None)
    past(0)
    past(0.05)
    rest = []
    while page:
        rest += [event["id"] for event in page["results"]]
        page = follow(office, page["next"]) if page["next"] else None
    assert rest == written


def test_pages_hold_events_of_the_same_moment(office):
    moment = timezone.now()
    written = [past(0, at=moment).pk for _ in range(7)]
    page = office.ask("GET", "events/?page_size=2").json()
    found = [event["id"] for event in page["results"]]
    while page["next"]:
        page = follow(office, page["next"])
        found += [event["id"] for event in page["results"]]
    assert found == written[::-1]


def test_filters(office):
    door = past(1, sensor_id=5, sensor_name="Door")
    code = past(2, "code", person_id=3, person_name="Ben")
    login = past(3, "login", person_id=3, person_name="Ben")
    old = past(9, "bypass")
    since, until = (
        f"{(timezone.now() - dt.timedelta(days=d)).isoformat()[:19]}Z" for d in (4, 2.5)
    )
    for query, expected in {
        "": [door, code, login, old],
        "?kind=code": [code],
        "?kind=code&kind=bypass": [code, old],
        "?sensor=5": [door],
        "?sensor=6": [],
        "?person=3": [code, login],
        "?person=3&kind=login": [login],
        f"?since={since}": [door, code, login],
        f"?until={until}": [login, old],
        f"?since={since}&until={until}": [login],
        "?kind=sensor&person=3": [],
    }.items():
        assert [event["id"] for event in results(office, query)] == [e.pk for e in expected], query


@pytest.mark.parametrize(
    "query",
    [
        *("page_size=201", "page_size=10000", "page_size=0", "page_size=-1", "page_size=x"),
        *("page_size=", "page_size=%C2%B2", "kind=nonsense", "kind=", "sensor=x", "sensor=0"),
        *("person=-1", f"person={'9' * 30}", "since=yesterday", "until=2026-13-01T00:00:00Z"),
        *("since=9999-12-31T23:59:59-23:00", "sensor=%00", "kind=login%00"),
        "&".join(["kind=login"] * 20),
    ],
)
def test_an_invalid_query_is_refused(office, query):
    answer = office.ask("GET", f"events/?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    if "page_size" not in query:
        assert office.ask("GET", f"events/export/?{query}").status_code == 400


@pytest.mark.parametrize(
    "cursor",
    [
        *("nonsense", "cD14", "cD0yMDI2", "cD0yMDI2LTAxLTAx", "bz0tMQ==", "bz14", "cD0lMDA="),
        *("cD0yMDI2LTEzLTAxIDAwOjAwOjAwKzAwOjAw", "cD05OTk5OTk5OTk5OTk5OTk5OQ==", "////", "é"),
    ],
)
def test_a_forged_cursor_is_not_found(office, cursor):
    past(1)
    assert office.ask("GET", f"events/?cursor={cursor}").status_code == 404


def test_residents_see_no_duress(office, resident, login, pin):
    page = login(resident)
    forget_everything()
    for code in (codes.verify(pin, "person:1"), codes.create("9999", "Help me", duress=True)):
        armed()
        disarm(code)
    theirs = [event for event in results(page) if event["kind"] != "transition"]
    assert [(event["kind"], event["detail"]) for event in theirs] == [("code", "")] * 2
    assert results(page, "?kind=code") == theirs
    assert results(page, "?kind=duress") == []
    ours = [event for event in results(office) if event["kind"] != "transition"]
    assert [event["kind"] for event in ours] == ["duress", "code"]
    assert [event["id"] for event in ours] == [event["id"] for event in theirs]
    assert "Help me" in ours[0]["detail"]
    assert [event["kind"] for event in results(office, "?kind=duress")] == ["duress"]


# --- The table ------------------------------------------------------------------------------------


async def download(browser, query: str = "") -> list[list[str]]:
    """Return the rows of an export."""
    return list(csv.reader(io.StringIO(await text_of_export(browser, query), newline="")))


async def text_of_export(browser, query: str = "") -> str:
    """Return an export, read as it is sent."""
    client = AsyncClient()
    client.cookies = browser.cookies
    answer = await client.get(f"/api/events/export/{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="events.csv"'
    assert "Content-Length" not in answer.headers
    pieces = [piece async for piece in answer.streaming_content]  # type: ignore[attr-defined]  # streamed
    return b"".join(pieces).decode()


async def test_the_table_of_a_resident_has_no_silent_panic(resident, login, office):
    def write():
        events.record("silent_panic", cause="sensor", actor=ANNA, detail=Sentence("Pressed."))
        return login(resident)

    assert "silent_panic" not in await text_of_export(await in_thread(write))
    assert "silent_panic" in await text_of_export(office)


async def test_the_table_has_every_event_once_whatever_the_page(office, monkeypatch):
    monkeypatch.setattr(csv_export, "PAGE", 3)

    def write() -> list[str]:
        moment = timezone.now()
        return [str(past(0, at=moment - dt.timedelta(hours=n // 4)).pk) for n in range(10)]

    written = await in_thread(write)
    header, *rows = await download(office)
    assert tuple(header) == csv_export.COLUMNS
    assert sorted(row[0] for row in rows) == sorted(written)
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    assert len(await download(office, "?kind=login")) == 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
async def test_no_cell_of_the_table_is_a_formula(office, separator):
    """Whichever character a spreadsheet splits the rows at."""
    evil = '=HYPERLINK("http://evil.example")'
    names = [evil, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", 'Ann, "A"\n\'', "ordinary", " =1", '"=1']
    names += [
        f"Ann{separator}=1",
        f'Ann"{separator}"=1',
        f"a{separator} @b",
        "x\n=1",
        "\uff1d1",
        "\n\r+1",
    ]

    def write() -> None:
        for name in names:
            past(1, person_id=1, person_name=name, source=name, detail=name)

    await in_thread(write)
    _header, *rows = await download(office)
    cells = {cell for row in rows for cell in row}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert {f"'{evil}", "'+1", 'Ann, "A"\n\'', "ordinary"} <= cells
    split = [line.split(separator) for line in (await text_of_export(office)).splitlines()]
    beginnings = {cell.strip('" \t')[:1] for row in split for cell in row}
    assert not beginnings & set("=+-@\uff1d\uff0b\uff0d\uff20")


async def test_the_table_masks_duress_for_residents(office, resident, login):
    def write():
        past(1, "duress", detail="“Help me” was used to disarm.")
        page = login(resident)
        return page

    page = await in_thread(write)
    rows = await download(page, "?kind=code")
    assert [(row[2], row[9]) for row in rows[1:]] == [("code", "")]
    assert "duress" in [row[2] for row in await download(office)]


async def test_the_table_is_read_a_page_at_a_time(office, monkeypatch):
    """It reads one page at a time, for a history of any length."""
    monkeypatch.setattr(csv_export, "PAGE", 2)
    await in_thread(lambda: [past(n) for n in range(9)])
    read = []
    original = csv_export.read
    monkeypatch.setattr(csv_export, "read", lambda *a: read.append(1) or original(*a))
    pieces = csv_export.stream(Event.objects.all(), lambda event: event)
    for count in range(4):  # the header takes none
        await anext(pieces)
        assert len(read) == count
    await pieces.aclose()


def test_an_export_has_a_limit(office, monkeypatch):
    monkeypatch.setattr(event_views, "MOST_EXPORTED", 3)
    for days in range(4):
        past(days)
    answer = office.ask("GET", "events/export/")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "at most 3 events" in answer.json()["fields"]["since"]
    since = f"{(timezone.now() - dt.timedelta(days=2.5)).isoformat()[:19]}Z"
    assert office.get(f"/api/events/export/?since={since}").status_code == 200


def plan(query: str) -> str:
    """Return PostgreSQL's plan for the first page of a query."""
    name, _, value = query.partition("=")
    asked = {name: {value} if name == "kind" else value} if name else {}
    return event_views.matching(asked, is_admin=True).order_by("-at", "-id")[:50].explain()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "event_by_time"),
        ("kind=duress", "event_by_kind"),
        ("sensor=5", "event_by_sensor"),
        ("person=5", "event_by_person"),
        ("until=2026-01-01T00:00:00Z", "event_by_time"),
    ],
)
def test_every_filter_has_its_index(query, index):
    """With so many rows that PostgreSQL chooses an index."""
    moment = timezone.now()
    Event.objects.bulk_create(
        Event(
            at=moment - dt.timedelta(minutes=n),
            kind=["sensor", "login", "transition"][n % 3],
            cause="api",
            sensor_id=n % 50 or None,
            person_id=n % 40 or None,
        )
        for n in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE alarm_event")
    chosen = plan(query)
    assert index in chosen, chosen
    assert "Seq Scan" not in chosen
    assert "Sort" not in chosen


# --- Append-only ----------------------------------------------------------------------------------


def test_the_history_cannot_be_changed():
    arm()
    with pytest.raises(DatabaseError, match="append-only"):
        Event.objects.update(cause="nobody")
    with pytest.raises(DatabaseError, match="append-only"):
        Event.objects.all().delete()


def test_old_events_cannot_be_changed_and_young_ones_not_removed():
    """Also where a transaction says that it removes old ones."""
    old, older, young = past(40), past(39), past(0.5)

    def allow() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('alarm.remove_until', %s, true)", [str(2**62)])

    for forbidden in (
        lambda: Event.objects.filter(pk=old.pk).update(detail="x"),
        lambda: Event.objects.filter(pk=young.pk).delete(),
    ):
        with transaction.atomic():
            allow()
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                forbidden()
    with transaction.atomic():
        allow()
        Event.objects.filter(pk=old.pk).delete()
    with pytest.raises(DatabaseError, match="append-only"):  # the permission ended with it
        Event.objects.filter(pk=older.pk).delete()


def test_retention_removes_what_is_older_in_steps(monkeypatch):
    monkeypatch.setattr(retention, "STEP", 3)
    set_delays(retention_days=30)
    for days in (400, 50, 40, 31, 30.1):
        past(days)
    kept = {past(days).pk for days in (29.9, 1, 0)}
    assert retention.apply() == 5
    assert set(Event.objects.values_list("pk", flat=True)) == kept
    assert retention.apply() == 0


def test_the_worker_does_it_step_by_step_and_once_a_day(monkeypatch):
    monkeypatch.setattr(retention, "STEP", 3)
    set_delays(retention_days=30)
    for _ in range(4):
        past(40)
    worker = Worker.objects.create()
    for left in (1, 0, 0):
        retention.step_if_due()
        assert Event.objects.count() == left
    worker.refresh_from_db()
    assert worker.retention_at is not None
    past(40)
    retention.step_if_due()
    assert Event.objects.count() == 1
    Worker.objects.update(retention_at=timezone.now() - retention.EVERY)
    retention.step_if_due()
    assert Event.objects.count() == 0


# --- Writing --------------------------------------------------------------------------------------


def test_another_app_records_in_its_own_transaction():
    with transaction.atomic():
        events.record("login", cause="api", actor=ANNA, detail=LOGGED_IN())
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Change.objects.exists()
    event = events.record("login", cause="api", actor=ANNA, detail=LOGGED_IN())
    change = Change.objects.get()
    assert (change.topic, change.data["id"]) == ("event", event.pk)


def test_what_is_too_long_is_cut():
    who = Actor(1, "n" * 999, "s" * 999)
    event = events.record("login", cause="api", actor=who, detail=Sentence("d" * 9999))
    assert (len(event.person_name), len(event.source), len(event.detail)) == (150, 200, 500)


def test_events_of_the_first_release_can_be_read(office):
    """A row as the first release wrote it: the new columns have their defaults."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO alarm_event (at, from_state, to_state, cause, kind, person_name,"
            " sensor_name, source, detail)"
            " VALUES (now(), 'disarmed', 'arming', 'api', 'transition', '', '', '', '')"
        )
    (event,) = results(office)
    assert (event["kind"], event["to_state"], event["person"]) == ("transition", "arming", None)


def test_the_command_line_has_a_name():
    assert events.record("login", cause="command", actor=COMMAND_LINE).source == "command line"
