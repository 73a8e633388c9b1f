"""Where a request comes from, as far as it can be trusted."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the client's IP address, or "unknown".

    X-Forwarded-For grows by one address with each proxy: the last is the one that our own front
    saw, and it always adds one. Where a front with TLS stands before that (ALARM_HTTPS), the last
    is that front's, and the client's comes before it. What stands further left anyone can make up.
    """
    ours = _address(request.META.get("REMOTE_ADDR", ""))
    if ours is None or not ours.is_loopback:
        return str(ours or "unknown")
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    place = -2 if settings.ALARM_HTTPS and len(forwarded) > 1 else -1
    return str(_address(forwarded[place].strip()) or ours)


def network_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the IPv6 network that a home has."""
    parsed = _address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
