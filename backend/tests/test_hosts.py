"""The policy for Host and Origin headers."""

import pytest

from core.hosts import is_allowed, is_same_origin

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
    ],
)
def test_accepted(header):
    assert is_allowed(header, NAMES)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "evil.example",
        "lan",
        "xlan",
        "panel.lan.evil.example",
        "sub.panel.example.org",
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
