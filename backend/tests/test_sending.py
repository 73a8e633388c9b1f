"""Sending what waits in the outbox, to real receivers: at least once, and none delays another."""

import contextlib
import signal
import threading

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from alarm import services
from alarm.models import Cause, Event
from notifications import attempts, dispatch, sender, sending
from notifications.models import Channel, Delivery, PushSubscription
from notifications.sender import Sender
from tests.actions import ANNA
from tests.conftest import command, ended, until
from tests.notifying import make_browser, make_channel, waiting
from tests.receivers import BrowserKeys, MailServer, Receiver, free_port
from tests.test_web_push import push_service  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)
ALARM = "Set off by Anna."


@pytest.fixture
def receiver():
    with contextlib.closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def mail_server():
    with contextlib.closing(MailServer()) as server:
        yield server


@pytest.fixture
def start_sender(transactional_db, monkeypatch):
    """A function that starts a sender like that of the leading worker; all end with the test."""
    monkeypatch.setattr(sender, "LOOK_EVERY", 0.05)
    with ended() as started:

        def start() -> Sender:
            started.append(Sender())
            started[-1].start()
            return started[-1]

        yield start


def ntfy(receiver: Receiver) -> str:
    return f"ntfy://127.0.0.1:{receiver.port}/home"


def is_sent() -> bool:
    return Delivery.objects.filter(state="sent").exists()


def make_due() -> None:
    """Let the time until the next attempts pass."""
    Delivery.objects.filter(state="waiting").update(next_at=timezone.now())


def test_an_alarm_reaches_ntfy_and_a_mailbox(admin, start_sender, receiver, mail_server):
    make_channel(ntfy(receiver), name="ntfy")
    url = f"mailto://127.0.0.1:{mail_server.port}/?from=alarm@example.org&to=ben@example.org"
    make_channel(url, name="Mail")
    start_sender()
    services.trigger(ANNA, Cause.API)
    until(lambda: receiver.requests and mail_server.messages, what="both messages")
    assert ALARM in receiver.bodies[0]
    assert "Alarm: Anna" in receiver.bodies[0]
    [mail] = mail_server.messages
    assert mail["To"] == "ben@example.org"
    assert "Alarm: Anna" in mail["Subject"]
    until(lambda: not waiting(), what="the empty outbox")
    assert {channel.error for channel in Channel.objects.all()} == {""}
    assert all(channel.last_sent_at for channel in Channel.objects.all())


def test_a_receiver_that_is_away_gets_it_when_it_is_back(admin, start_sender):
    port = free_port()
    make_channel(f"json://127.0.0.1:{port}/")
    services.trigger(ANNA, Cause.API)
    start_sender()
    [row] = until(lambda: waiting(attempts__gte=2), what="two attempts")
    assert row.error == "JSON cannot be reached."
    assert Channel.objects.get().error == "JSON cannot be reached."
    receiver = Receiver(port)
    try:
        until(is_sent, what="the message")
        assert len(receiver.requests) == 1
        until(lambda: Channel.objects.get().error == "", what="the channel's recovery")
    finally:
        receiver.close()


def test_a_redirect_is_not_followed_and_the_message_not_taken_for_sent(
    admin, start_sender, receiver
):
    with contextlib.closing(Receiver()) as elsewhere:
        receiver.status, receiver.location = 302, f"http://127.0.0.1:{elsewhere.port}/"
        make_channel(f"json://127.0.0.1:{receiver.port}/")
        services.trigger(ANNA, Cause.API)
        start_sender()
        [row] = until(lambda: waiting(attempts__gte=2), what="two attempts")
        assert (row.error, elsewhere.requests) == ("JSON answers with the error 302.", [])


def test_a_receiver_that_hangs_delays_no_other_and_is_given_up(
    admin, start_sender, receiver, monkeypatch
):
    monkeypatch.setattr(attempts, "LIMIT", 0.5)
    hanging = Receiver()
    hanging.answers.clear()
    try:
        url = f"json://127.0.0.1:{hanging.port}/?rto=100"
        make_channel(url, name="Hangs")
        make_channel(ntfy(receiver), name="Works")
        start_sender()
        services.trigger(ANNA, Cause.API)
        until(lambda: receiver.requests, what="the other message")
        until(lambda: waiting(error="There was no answer within 0.5 s."), what="the end of it")
        for _ in range(attempts.MOST_HANGING + 1):
            until(lambda: waiting(next_at__gt=timezone.now()), what="the end of the attempt")
            make_due()
        until(lambda: waiting(error__startswith="Earlier attempts still hang"), what="the limit")
        assert len(hanging.requests) == attempts.MOST_HANGING
        assert [row.target_name for row in waiting()] == ["Hangs"]
    finally:
        hanging.close()


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(admin, same_database, receiver):
    make_channel(ntfy(receiver))
    receiver.answers.clear()
    services.trigger(ANNA, Cause.API)
    first = command("manage.py", "run_worker", env=same_database)
    try:
        until(lambda: receiver.requests, what="the first attempt")
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    receiver.answers.set()
    assert [row.attempts for row in waiting()] == [1]
    second = command("manage.py", "run_worker", env=same_database)
    try:
        until(lambda: Delivery.objects.count(), what="the row")
        make_due()  # the mark of the first worker gets old
        until(is_sent, what="the second attempt")
    finally:
        second.terminate()
        output = second.communicate()[0]
    assert "ERROR" not in output
    assert [ALARM in body for body in receiver.bodies] == [True, True]


def test_a_worker_that_is_killed_before_it_sends_loses_nothing(admin, same_database, receiver):
    services.trigger(ANNA, Cause.API)
    make_channel(ntfy(receiver))
    services.disarm(ANNA, Cause.API)
    assert len(waiting()) == 1
    worker = command("manage.py", "run_worker", env=same_database)
    try:
        until(is_sent, what="the message")
        assert len(receiver.requests) == 1
    finally:
        worker.terminate()
        worker.communicate()


def test_a_result_is_kept_while_the_database_is_away(admin, start_sender, receiver, monkeypatch):
    make_channel(ntfy(receiver))
    receiver.answers.clear()
    services.trigger(ANNA, Cause.API)
    start_sender()
    until(lambda: receiver.requests, what="the attempt")
    finish, failed = dispatch.finish, threading.Event()

    def fail_once(*arguments):
        if not failed.is_set():
            failed.set()
            raise OperationalError("The database is away.")
        return finish(*arguments)

    monkeypatch.setattr(dispatch, "finish", fail_once)
    receiver.answers.set()
    until(is_sent, what="the stored result")
    assert failed.is_set()
    assert len(receiver.requests) == 1


def test_a_removed_or_disabled_channel_gets_nothing_more(admin, start_sender, receiver):
    make_channel(ntfy(receiver))
    services.trigger(ANNA, Cause.API)
    Channel.objects.update(enabled=False)
    start_sender()
    until(lambda: not Delivery.objects.exists(), what="the empty outbox")
    assert receiver.requests == []


def test_a_browser_shows_it_and_one_that_is_gone_is_removed(
    admin,
    start_sender,
    push_service,  # noqa: F811  # a fixture
):
    browser = BrowserKeys()
    make_browser(admin, ["alarm"], f"https://127.0.0.1:{push_service.port}/1", browser)
    start_sender()
    services.trigger(ANNA, Cause.API)
    until(is_sent, what="the message")
    message = browser.read(push_service.requests[0][2])
    assert (message["kind"], message["title"]) == ("alarm", "Alarm: Anna")
    assert message["body"].startswith(ALARM)
    assert message["silent"] is False
    push_service.status = 410
    services.disarm(ANNA, Cause.API)
    services.trigger(ANNA, Cause.API)
    until(lambda: not PushSubscription.objects.exists(), what="its removal")
    assert waiting() == []
    assert "ended its subscription" in Event.objects.get(kind="notification").detail


@pytest.mark.parametrize("kind", ["duress", "alarm"])
def test_only_duress_is_silent_at_the_browser(admin, push_service, kind):  # noqa: F811  # a fixture
    browser = BrowserKeys()
    row = make_browser(admin, endpoint=f"https://127.0.0.1:{push_service.port}/1", browser=browser)
    sending.to_browser(row, kind, "Title", "Body")()
    message = browser.read(push_service.requests[0][2])
    assert message == {
        "kind": kind,
        "title": "Title",
        "body": "Body",
        "silent": kind == "duress",
    }


def test_secrets_are_in_no_log_at_any_level(admin, same_database, receiver, tmp_path):
    receiver.status = 500
    secret = "tk_S3cretT0ken"
    make_channel(f"ntfy://{secret}@127.0.0.1:{receiver.port}/S3cretTopic")
    make_channel("json://user:S3cretPass@127.0.0.1:9/S3cretPath?+Key=S3cretHeader", name="JSON")
    services.trigger(ANNA, Cause.API)
    worker = command("manage.py", "run_worker", env=same_database | {"LOG_LEVEL": "DEBUG"})
    try:
        until(lambda: len(waiting(attempts__gte=2)) == 2, what="two attempts each")
    finally:
        worker.terminate()
        output = worker.communicate()[0]
    assert "This worker leads" in output
    assert "S3cret" not in output
    assert "S3cret" not in str(list(Delivery.objects.values()))
    assert "S3cret" not in str(list(Event.objects.values()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notifications_channel WHERE url LIKE %s", ["%S3cret%"])
        assert cursor.fetchone() == (0,)
