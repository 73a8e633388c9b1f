"""The notifications over HTTP: who may do what, and which secrets are never shown."""

import pytest
from django.utils import timezone

from alarm.models import Event
from notifications import attempts, browsers, channels, services
from notifications.models import Channel, Delivery, NotificationSettings, PushSubscription
from notifications.vaults import URLS
from people.models import Session
from people.session_store import SessionStore
from tests.actions import ANNA, armed, disarm
from tests.conftest import PASSWORD
from tests.notifying import EVERYTHING, make_browser, make_channel, waiting
from tests.receivers import BrowserKeys, Receiver
from tests.test_web_push import push_service  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "S3cret"
URL = f"mailto://ben:{SECRET}@mail.example.org/?to=anna@example.org"
CHANNEL = {"name": "Mail", "url": URL, "kinds": ["alarm", "duress"]}
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


@pytest.fixture
def page(login, admin):
    """A browser of an admin."""
    return login(admin)


def subscription(kinds=("alarm",), endpoint: str = ENDPOINT) -> dict:
    return {"endpoint": endpoint, "keys": BrowserKeys().keys, "kinds": list(kinds)}


def test_a_url_is_stored_encrypted_and_never_shown_again(page):
    added = page.ask("POST", "notifications/channels/", CHANNEL)
    assert added.status_code == 201
    shown = added.json()
    assert (shown["service"], shown["host"]) == ("E-Mail", "mail.example.org")
    assert shown["enabled"] is True
    number = shown["id"]
    answers = [
        added,
        page.ask("GET", "notifications/channels/"),
        page.ask("PATCH", f"notifications/channels/{number}/", {"url": URL, "name": "New"}),
        page.ask("GET", "events/"),
    ]
    assert SECRET not in "".join(answer.content.decode() for answer in answers)
    assert SECRET not in Channel.objects.get().url
    assert URLS.decrypt(Channel.objects.get().url) == URL
    assert "changed name, url" in Event.objects.first().detail


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "no URL of a service"),
        ("file:///etc/passwd", "no URL of a service"),
        ("config:///etc/apprise.yml", "no URL of a service"),
        ("syslog://", "does not leave the panel"),
        ("dbus://", ""),
        ("windows://", ""),
        ("macosx://", ""),
        ("gnome://", ""),
        ("blink1://", ""),
        ("vapid://a@example.org/b@example.org?keyfile=/run/secrets/x", "names a file"),
        ("fcm://project@key/device?keyfile=/run/secrets/SECRET_KEY", "names a file"),
        ("discord://1234567890/abcdefgh?template=/etc/passwd", "names a file"),
        ("discord://1234567890/abcdefgh?%74emplate=/etc/passwd", "names a file"),
        ("mailto://a:b@example.org?pgppub=/etc/passwd", "names a file"),
        ("json://example.org/" + "x" * services.LONGEST_URL, "more than"),
        ("", "blank"),
    ],
)
def test_a_url_that_is_wrong_or_reads_files_or_stays_on_the_panel_is_refused(page, url, words):
    answer = page.ask("POST", "notifications/channels/", CHANNEL | {"url": url})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert words in answer.json()["fields"]["url"]


@pytest.mark.parametrize(
    ("url", "service", "host"),
    [
        ("ntfys://ntfy.sh/S3cretTopic", "ntfy", "ntfy.sh"),
        ("ntfy://S3cretTopic", "ntfy", ""),
        ("tgram://123456789:S3cretS3cretS3cret/12345678/", "Telegram", ""),
        ("pover://S3cretS3cretS3cretS3cretS3cret@abcdefghijklmnopqrstuvwxyz1234", "Pushover", ""),
        ("json://user:S3cret@192.168.1.5:8080/S3cret", "JSON", "192.168.1.5"),
        ("https://discord.com/api/webhooks/1234567890/S3cretS3cret", "Discord", ""),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url, service, host):
    assert services.describe(url) == (service, host)


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
def test_nobody_is_kept_from_hearing_of_an_alarm_that_is_not_disarmed(
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


def test_a_url_of_another_secret_key_has_to_be_entered_again(page, settings):
    channel = make_channel()
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(Exception, match="enter it again"):
        URLS.decrypt(channel.url)


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


def test_a_person_subscribes_a_browser_and_repeats_that(login, resident):
    page = login(resident)
    before = page.ask("GET", "notifications/push/").json()
    assert before["subscriptions"] == []
    assert before["kinds"] == ["alarm", "trouble", "arming", "late_arming"]
    body = subscription(["arming", "alarm"])
    made = page.ask("POST", "notifications/push/", body)
    assert made.status_code == 201
    assert made.json()["kinds"] == ["alarm", "arming"]
    assert made.json()["device"].startswith("Firefox")
    again = page.ask("POST", "notifications/push/", body)
    assert again.json()["id"] == made.json()["id"]
    text = page.ask("GET", "notifications/push/").content.decode()
    for secret in (ENDPOINT, *body["keys"].values()):
        assert secret not in text
        assert secret not in PushSubscription.objects.get().subscription


def test_a_resident_cannot_subscribe_to_duress(login, resident):
    answer = login(resident).ask("POST", "notifications/push/", subscription(["duress"]))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["kinds"])


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://192.168.1.1/"},
        {"endpoint": "http://localhost/"},
        {"keys": {"p256dh": "x" * 87, "auth": "x" * 22}},
        {"keys": {"p256dh": "x", "auth": "y"}},
        {"keys": None},
    ],
)
def test_a_wrong_subscription_is_refused(page, change):
    answer = page.ask("POST", "notifications/push/", subscription() | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_the_browsers_of_others_cannot_be_ended_or_tested(login, admin, resident):
    row = make_browser(resident)
    page = login(admin)
    assert page.ask("DELETE", f"notifications/push/{row.pk}/").status_code == 404
    assert page.ask("POST", f"notifications/push/{row.pk}/test/").status_code == 404


def test_a_person_has_so_many_browsers(page, monkeypatch):
    monkeypatch.setattr(browsers, "MOST_OF_ONE", 1)
    page.ask("POST", "notifications/push/", subscription())
    answer = page.ask("POST", "notifications/push/", subscription(endpoint=f"{ENDPOINT}2"))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_browsers")


def test_the_test_of_a_browser(page, admin, push_service):  # noqa: F811
    browser = BrowserKeys()
    endpoint = f"https://127.0.0.1:{push_service.port}/1"
    row = make_browser(admin, endpoint=endpoint, browser=browser)
    assert page.ask("POST", f"notifications/push/{row.pk}/test/").json()["ok"]
    assert browser.read(push_service.requests[0][2])["title"] == "Test"


def test_a_kiosk_has_no_notifications(login, admin):
    admin.role = "kiosk"
    admin.save()
    page = login(admin)
    for method, path in [("GET", "push/"), ("POST", "push/"), ("GET", "channels/")]:
        answer = page.ask(method, f"notifications/{path}", subscription())
        assert (answer.status_code, answer.json()["code"]) == (403, "not_for_kiosks")


def test_a_session_that_is_ended_takes_its_browser_along_and_one_that_expires_does_not(
    login, resident
):
    page = login(resident)
    page.ask("POST", "notifications/push/", subscription())
    other = login(resident)
    other.ask("POST", "notifications/push/", subscription(endpoint=f"{ENDPOINT}2"))
    assert page.ask("DELETE", "session/").status_code in (200, 204)
    [left] = PushSubscription.objects.all()
    Session.objects.update(expire_date=timezone.now())
    SessionStore.clear_expired()
    assert PushSubscription.objects.get() == left


def test_a_new_password_ends_the_browsers_of_other_sessions(login, resident):
    page, stolen = login(resident), login(resident)
    stolen.ask("POST", "notifications/push/", subscription())
    body = {"current": PASSWORD, "new": "another good password"}
    assert page.ask("POST", "session/password/", body).status_code == 204
    assert not PushSubscription.objects.exists()


def test_the_actor_is_recorded(page):
    page.ask("POST", "notifications/channels/", CHANNEL)
    event = Event.objects.filter(kind="setting").first()
    assert (event.person_name, event.detail) == (
        ANNA.person_name,
        "Notifications: Mail (E-Mail) was added.",
    )
