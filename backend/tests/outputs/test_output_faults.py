"""A relay that cannot be switched, and one that answers late."""

import contextlib
import socket
import ssl

import pytest
import trustme
from django.db import connection

from alarm.models import EventKind
from outputs import management, webhook
from tests.actions import ANNA, disarm
from tests.conftest import is_connected, terminate_backends, until
from tests.notifying import make_channel, told
from tests.outputs.relay import Relay
from tests.outputs.tools import details, has_reported, make_siren, set_off

pytestmark = pytest.mark.django_db(transaction=True)


def test_on_is_repeated_until_it_is_confirmed_and_not_after_that(start, relay, siren):
    relay.status = 500
    start()
    set_off()
    until(lambda: len(relay.requests) >= 3, what="repetitions")
    has_reported(siren, "unknown", "http_status")
    assert details(EventKind.OUTPUT) == [
        "“Siren” does not answer: its address refuses the request."
    ]
    relay.status = 200
    has_reported(siren, "on")
    number = len(relay.requests)
    assert details(EventKind.OUTPUT)[1:] == ["“Siren” answers again."]
    disarm()
    relay.has(*["on"] * number, "off")


def test_a_fault_is_told_as_trouble(start, relay, siren):
    make_channel(kinds=["trouble"])
    relay.status = 404
    start()
    set_off()
    has_reported(siren, "unknown", "http_status")
    text = "“Siren” does not answer: its address refuses the request."
    assert told() == [("trouble", text)]


@pytest.mark.parametrize("how", ["nothing listens", "no such host", "redirect", "not TLS", "mute"])
def test_a_relay_that_cannot_be_switched_is_reported(start, relay, monkeypatch, how):
    monkeypatch.setattr(webhook, "LIMIT", 0.2)
    urls = relay.urls()
    fault = {
        "nothing listens": "unreachable",
        "no such host": "unreachable",
        "redirect": "http_status",
        "not TLS": "tls",
        "mute": "no_answer",
    }[how]
    if how == "nothing listens":
        relay.close()
    elif how == "no such host":
        urls = dict.fromkeys(urls, "http://no-such-host.invalid/on")
    elif how == "redirect":
        relay.status = 302
    elif how == "not TLS":
        urls = {name: url.replace("http:", "https:") for name, url in urls.items()}
    else:
        relay.hold.clear()
    siren = management.create(ANNA, name="Siren", kind="webhook", **urls)
    start()
    set_off()
    has_reported(siren, "unknown", fault)
    assert len(details(EventKind.OUTPUT)) == 1
    assert "moved" not in relay.turns()  # no redirect was followed


def test_a_certificate_of_an_unknown_authority_is_refused(start):
    """The system's authorities count."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    relay = Relay()
    relay.socket = context.wrap_socket(relay.socket, server_side=True)
    urls = {
        name: url.replace("http://127.0.0.1", "https://localhost")
        for name, url in relay.urls().items()
    }
    siren = management.create(ANNA, name="Siren", kind="webhook", **urls)
    start()
    set_off()
    has_reported(siren, "unknown", "tls")
    assert relay.requests == []
    relay.close()


def test_a_slow_relay_does_not_delay_another(start, relay, monkeypatch):
    relay.hold.clear()
    make_siren(relay, "Slow")
    other = Relay()
    quick = make_siren(other, "Quick")
    start()
    set_off()
    has_reported(quick, "on")
    relay.hold.set()
    other.close()


def test_an_answer_that_drips_is_cut_off(start, monkeypatch):
    monkeypatch.setattr(webhook, "LIMIT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        siren = management.create(ANNA, name="Siren", kind="webhook", on_url=url, off_url=url)
        start()
        set_off()
        near, _ = server.accept()
        near.settimeout(0.05)
        with contextlib.suppress(OSError):  # it is cut off at last
            for _ in range(200):
                near.sendall(b"H")
                with contextlib.suppress(TimeoutError):
                    if not near.recv(65536):
                        break
            else:
                pytest.fail("it is not cut off")
        has_reported(siren, "unknown", "no_answer")


def test_addresses_of_another_secret_key_are_reported(start, relay, siren, settings):
    settings.SECRET_KEY = "another" * 10
    start()
    set_off()
    has_reported(siren, "unknown", "unreadable")
    assert relay.requests == []


def test_the_database_may_be_away_when_the_relay_answers(start, relay, siren):
    relay.hold.clear()
    start()
    set_off()
    relay.has("on")
    terminate_backends("alarm")
    relay.hold.set()
    connection.close()
    until(is_connected, what="the database")
    has_reported(siren, "on")
    disarm()
    relay.has("on", "off")
