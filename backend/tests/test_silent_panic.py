"""A silent panic: told to admins, and without a trace for who looks on."""

import pytest

from alarm import sensor_reports
from alarm.models import Change, Event, Sensor
from core.threads import in_thread
from tests.actions import ANNA, current, hear, make_sensor
from tests.sockets import receive, receive_until, sequence

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_silent_panic_is_seen_by_admins_alone(login, admin, resident):
    button = make_sensor("Bedside", "panic", type="silent_panic")
    before = current()
    hear(button)
    after = current()
    assert {**after, "sequence": 0} == {**before, "sequence": 0}
    event = Event.objects.get()
    assert (event.kind, event.detail, event.sensor_name) == ("silent_panic", "Pressed.", "Bedside")
    hear(button, False)
    assert Event.objects.count() == 1
    assert "silent_panic" in str(login(admin).ask("GET", "events/").json())
    page = login(resident)
    for query in ("", "?kind=silent_panic", f"?sensor={button.pk}"):
        found = page.ask("GET", f"events/{query}").json()["results"]
        assert {event["kind"] for event in found} <= {"login"}


def test_a_silent_panic_leaves_no_trace_in_what_a_resident_is_sent():
    button = make_sensor("Bedside", "panic", type="silent_panic")
    hear(button)
    for change in Change.objects.all():
        shown = change.data if change.masked is None else change.masked
        assert "Pressed" not in str(shown)
        assert "silent_panic" not in str({**shown, "type": ""})
        assert shown.get("active") is not True
    assert Sensor.objects.get().shown_active is False


async def test_a_silent_panic_is_hidden_on_a_residents_socket(connect, admin, resident):
    button = await in_thread(lambda: make_sensor("Bedside", "panic", type="silent_panic"))
    sockets = [await connect(person=person) for person in (admin, resident)]
    for socket in sockets:
        await receive(socket)

    def press() -> int:
        hear(button)
        return sequence()

    last = await in_thread(press)
    seen, shown = [await receive_until(socket, last) for socket in sockets]
    assert [one["topic"] for one in seen] == ["sensor", "event"]
    assert [one["topic"] for one in shown] == ["sensor", "hidden"]
    assert shown[-1]["data"] == {}
    assert "silent_panic" not in str(shown[-1])


def test_a_refused_silent_panic_is_told_to_admins_and_a_refused_release_to_none():
    button = make_sensor("Bedside", "panic", type="silent_panic")
    refusal = sensor_reports.Stale("This report is late.")
    for active in (True, False):
        sensor_reports.record_refusal(button.pk, active, refusal, actor=ANNA, cause="sensor")
    told = list(Event.objects.order_by("id").values_list("kind", "detail"))
    assert told == [
        ("silent_panic", "Refused: Pressed. This report is late."),
        ("sensor", "Refused: This report is late."),
    ]
