"""The notifications over HTTP: who may do what, and which secrets are never shown."""

import pytest

from alarm.models import Event
from notifications import attempts, channels
from notifications.models import Channel, Delivery, NotificationSettings, PushSubscription
from tests.actions import ANNA, armed, disarm
from tests.notifying import CHANNEL, EVERYTHING, SECRET, make_channel, subscription, waiting
from tests.receivers import Receiver

pytestmark = pytest.mark.django_db(transaction=True)


def test_channels_are_for_admins(login, resident):
    page = login(resident)
    for path in ("channels/", "outbox/", "settings/"):
        answer = page.ask("GET", f"notifications/{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "admin_only")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "channels/{channel}/", {"enabled": False}),
        ("PATCH", "channels/{channel}/", {"kinds": []}),
        ("PATCH", "channels/{channel}/", {"url": "json://example.org/"}),
        ("DELETE", "channels/{channel}/", None),
        ("DELETE", "outbox/{delivery}/", None),
        ("PATCH", "settings/", {"late_arming_at": None}),
        ("DELETE", "push/{push}/", None),
        ("POST", "push/", "other kinds"),
    ],
)
def test_what_is_told_is_not_reduced_while_the_alarm_is_not_disarmed(
    page, admin, method, path, body
):
    channel = make_channel()
    page.ask("POST", "notifications/push/", subscription())
    push = PushSubscription.objects.get()
    armed()
    delivery = waiting(target_type="channel")[0]
    path = path.format(channel=channel.pk, delivery=delivery.pk, push=push.pk)
    body = subscription(["arming"]) if body == "other kinds" else body
    answer = page.ask(method, f"notifications/{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_disarmed")
    assert Channel.objects.get(enabled=True).kinds == EVERYTHING
    assert PushSubscription.objects.get().kinds == ["alarm"]
    assert Delivery.objects.filter(pk=delivery.pk).exists()
    disarm()
    assert page.ask(method, f"notifications/{path}", body).status_code in (200, 201, 204)


def test_a_channel_can_be_added_while_it_is_armed(page):
    armed()
    assert page.ask("POST", "notifications/channels/", CHANNEL).status_code == 201


def test_the_number_of_channels_and_their_names_are_bounded(page, monkeypatch):
    monkeypatch.setattr(channels, "MOST_CHANNELS", 1)
    page.ask("POST", "notifications/channels/", CHANNEL)
    answer = page.ask("POST", "notifications/channels/", CHANNEL | {"name": "Other"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_channels")
    monkeypatch.setattr(channels, "MOST_CHANNELS", 2)
    answer = page.ask("POST", "notifications/channels/", CHANNEL)
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": ["nonsense"]},
        {"kinds": "alarm"},
        {"escalate_after": 5},
        {"escalate_after": True},
        {"person": 999},
        {"name": ""},
        {"enabled": "yes"},
    ],
)
def test_a_wrong_channel_is_refused(page, change):
    answer = page.ask("POST", "notifications/channels/", CHANNEL | change)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, list(change))


def test_the_test_button_sends_at_once_and_says_what_is_wrong(page):
    receiver = Receiver()
    try:
        channel = make_channel(f"ntfy://127.0.0.1:{receiver.port}/{SECRET}")
        path = f"notifications/channels/{channel.pk}/test/"
        answer = page.ask("POST", path)
        assert answer.json() == {"ok": True, "detail": "The test message was sent."}
        assert "Nothing has happened" in receiver.bodies[0]
        receiver.status = 403
        answer = page.ask("POST", path)
        assert answer.json() == {"ok": False, "detail": "ntfy answers with the error 403."}
        assert not Delivery.objects.exists()
    finally:
        receiver.close()


def test_the_test_of_a_service_that_never_answers_ends(page, monkeypatch):
    monkeypatch.setattr("notifications.trial.LIMIT", 0.2)
    monkeypatch.setattr(attempts, "LIMIT", 0.2)
    receiver = Receiver()
    receiver.answers.clear()
    try:
        channel = make_channel(f"json://127.0.0.1:{receiver.port}/?rto=60")
        path = f"notifications/channels/{channel.pk}/test/"
        answers = [page.ask("POST", path) for _ in range(5)]
        assert answers[0].json() == {"ok": False, "detail": "There was no answer within 0.2 s."}
        assert (answers[4].status_code, answers[4].json()["code"]) == (429, "throttled")
    finally:
        receiver.close()


def test_the_outbox_lists_what_waits_and_what_failed_and_not_what_was_sent(page):
    channel = make_channel()
    armed()
    [row] = waiting()
    [shown] = page.ask("GET", "notifications/outbox/").json()
    assert shown["target"] == {"type": "channel", "id": channel.pk, "name": "Mail"}
    assert (shown["kind"], shown["title"], shown["state"]) == ("arming", "Armed", "waiting")
    assert shown["body"] == "Armed by Anna."
    Delivery.objects.update(state="dead", attempts=99)
    assert page.ask("POST", f"notifications/outbox/{row.pk}/retry/").json()["state"] == "waiting"
    assert waiting()[0].attempts == 0
    Delivery.objects.update(state="sent")
    assert page.ask("GET", "notifications/outbox/").json() == []
    assert page.ask("POST", f"notifications/outbox/{row.pk}/retry/").status_code == 404


def test_a_dismissed_notification_is_gone_and_recorded(page):
    make_channel()
    armed()
    disarm()
    [row] = waiting()
    assert page.ask("DELETE", f"notifications/outbox/{row.pk}/").status_code == 204
    assert waiting() == []
    event = Event.objects.get(kind="notification")
    assert (event.person_name, event.detail) == ("Anna", "Dismissed for Mail: Armed.")


def test_the_settings_name_a_local_time_and_a_zone(page):
    assert page.ask("GET", "notifications/settings/").json() == {
        "late_arming_at": None,
        "time_zone": "UTC",
    }
    change = {"late_arming_at": "23:00", "time_zone": "Europe/Berlin"}
    assert page.ask("PATCH", "notifications/settings/", change).json() == change
    for wrong in (
        {"late_arming_at": "25:00"},
        {"late_arming_at": 23},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "/etc/passwd"},
        {"time_zone": ""},
    ):
        assert page.ask("PATCH", "notifications/settings/", wrong).status_code == 400, wrong
    assert NotificationSettings.load().time_zone == "Europe/Berlin"


def test_a_kiosk_has_no_notifications(login, admin):
    admin.role = "kiosk"
    admin.save()
    page = login(admin)
    for method, path in [("GET", "push/"), ("POST", "push/"), ("GET", "channels/")]:
        answer = page.ask(method, f"notifications/{path}", subscription())
        assert (answer.status_code, answer.json()["code"]) == (403, "not_for_kiosks")


def test_the_actor_is_recorded(page):
    page.ask("POST", "notifications/channels/", CHANNEL)
    event = Event.objects.filter(kind="setting").first()
    assert (event.person_name, event.detail) == (
        ANNA.person_name,
        "Notifications: Mail (E-Mail) was added.",
    )
