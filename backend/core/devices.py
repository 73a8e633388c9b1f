"""Which device a request comes from: its address, and its browser in the few words of a history."""

import ipaddress
import re

from django.http import HttpRequest

# The first that is found counts: Edge, Opera and Samsung's name Chrome too, Chrome names Safari.
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
    """Return `Chrome on Android`; of a program its own name, such as `curl`."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    if browser:
        return f"{browser} on {system}" if system else browser
    program = re.match(r"[A-Za-z][A-Za-z0-9._-]{0,39}", user_agent)
    return program[0] if program else "unknown device"


def address_of(request: HttpRequest) -> str:
    """Return the client's IP address, or "unknown".

    The last of X-Forwarded-For is what our own front says; what stands further left anyone can make
    up. It is heard from this machine only, where the front is: others came past it.
    """
    ours = _address(request.META.get("REMOTE_ADDR", ""))
    if ours is None or not ours.is_loopback:
        return str(ours or "unknown")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
    return str(_address(forwarded.strip()) or ours)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
