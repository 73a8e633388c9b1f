"""The device of a request: its address, and its browser in a few words."""

import ipaddress
import re

from django.http import HttpRequest

# The first match counts: Edge, Opera and Samsung's also name Chrome, and Chrome names Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("HeadlessChrome", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """Return `Chrome on Android`, or the client's own name, such as `curl`."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser:
        return f"{browser} on {system}" if system else browser
    client = re.match(r"[A-Za-z][A-Za-z0-9._-]{0,39}", user_agent)
    return client[0] if client else "unknown device"


def address_of(request: HttpRequest) -> str:
    """Return the client's IP address, or "unknown".

    The last address of X-Forwarded-For is set by our reverse proxy; a client can forge those to its
    left. The header counts only from this machine, where the proxy runs.
    """
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    if peer is None or not peer.is_loopback:
        return str(peer or "unknown")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
    return str(_address(forwarded.strip()) or peer)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
