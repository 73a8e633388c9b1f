"""Which device a request comes from, in words."""

import pytest
from django.test import RequestFactory

from core.devices import address_of, device

MOZILLA = "Mozilla/5.0 "
WEBKIT = " AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (f"{MOZILLA}(Linux; Android 14; K){WEBKIT}Chrome/142.0.0.0 Mobile Safari/537.36", 0),
        (f"{MOZILLA}(Windows NT 10.0; Win64){WEBKIT}Chrome/142.0 Safari/537.36 Edg/142.0", 1),
        (
            f"{MOZILLA}(iPhone; CPU iPhone OS 18_1 like Mac OS X){WEBKIT}Version/18.1 Safari/604.1",
            2,
        ),
        (f"{MOZILLA}(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", 3),
        ("curl/8.5.0", 4),
        ("python-requests/2.32", 5),
        ("", 6),
        ("=cmd|' /C calc'!A0", 6),
        ("x" * 5000, 7),
    ],
)
def test_a_device_in_words(header, words):
    assert (
        device(header)
        == (
            *("Chrome on Android", "Edge on Windows", "Safari on iPhone", "Firefox on Linux"),
            *("curl", "python-requests", "unknown device", "x" * 40),
        )[words]
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "192.168.1.7", "192.168.1.7"),
        ("::1", "fd00::7", "fd00::7"),
        ("127.0.0.1", "10.9.9.9, 192.168.1.7", "192.168.1.7"),  # the first is made up
        ("127.0.0.1", "::ffff:192.168.1.7", "192.168.1.7"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("192.168.1.9", "10.9.9.9", "192.168.1.9"),  # not through the proxy
        ("", "10.9.9.9", "unknown"),
    ],
)
def test_the_address_of_the_client_behind_the_proxy(peer, forwarded, address):
    headers = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    assert address_of(RequestFactory().get("/", **headers)) == address
