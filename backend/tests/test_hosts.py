"""The policy for Host and Origin headers."""

import pytest
from django.test import RequestFactory

from core.hosts import is_allowed, is_same_origin, origin_fault, refusal

NAMES = ("localhost", ".localhost", ".lan", "panel.example.org")


@pytest.mark.parametrize(
    "header",
    [
        "127.0.0.1",
        "192.168.1.20:5427",
        "[::1]:5427",
        "[fd00::1]",
        "localhost",
        "LOCALHOST:80",
        "panel.lan",
        "a.b.lan:5427",
        "panel.lan.",
        "panel.example.org",
        "app.localhost",
        "nas",
        "raspberrypi:5427",
        "NAS.",
        "lan",
    ],
)
def test_accepted(header):
    assert is_allowed(header, NAMES)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "evil.example",
        "xlan.example",
        "panel.lan.evil.example",
        "sub.panel.example.org",
        "my_pc",
        "my_pc.lan",
        "[fe80::1%25eth0]:5427",
        "2130706433",
        "127.1",
        "0x7f.1",
        "127.0.0.1.evil.example",
        "[::1",
        "::1",
        "a b",
        "a@b.lan",
        "localhost,evil.example",
        "localhost:",
        "localhost:x",
        "panel.lan\n",
        "http://panel.lan",
    ],
)
def test_refused(header):
    assert not is_allowed(header, NAMES)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://panel.lan:5427", "panel.lan:5427"),
        ("http://PANEL.lan", "panel.lan"),
        ("https://panel.lan", "panel.lan:443"),
        ("http://panel.lan:80", "panel.lan"),
        ("http://[::1]:5427", "[::1]:5427"),
    ],
)
def test_same_origin(origin, host):
    assert is_same_origin(origin, host)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://panel.lan",
        "http://panel.lan:5428",
        "null",
        "",
        "file://",
        "http://panel.lan:5427@evil.example",
        "https://panel.lan",
        "//panel.lan:5427",
        "http://[",
    ],
)
def test_other_origin(origin):
    assert not is_same_origin(origin, "panel.lan:5427")


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("panel.example.com:5427", "ALARM_HOSTS=panel.example.com"),
        ("my_pc:5427", "underscore"),
        ("[fe80::1%25eth0]:5427", "zone"),
        ("a b", "neither a name nor an address"),
    ],
)
def test_a_refusal_says_what_to_do(header, says):
    assert says in refusal(header, NAMES)


@pytest.mark.parametrize(
    ("origin", "host", "says"),
    [
        ("http://panel.lan:8080", "panel.lan", "proxy_set_header Host $http_host"),
        ("http://panel.example.org", "app:80", "changes the Host header, which is app:80"),
        ("null", "panel.lan", "Referrer-Policy"),
        ("http://[", "panel.lan", "Another page"),
        ("https://panel.lan", "panel.lan", "ALARM_HTTPS=true"),
        ("http://panel.lan:5427", "panel.lan:5427", None),
        (None, "panel.lan", None),
    ],
)
def test_the_cause_of_a_wrong_origin_is_named(origin, host, says):
    headers = {"host": host} | ({"origin": origin} if origin else {})
    fault = origin_fault(RequestFactory().post("/api/session/", headers=headers))
    assert fault is None if says is None else says in fault
