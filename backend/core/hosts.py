"""The policy for Host and Origin headers.

In a home network the panel is opened by IP address, by a local name, or by a name of its own.
A DNS-rebinding attack needs a *name* that the attacker controls: so every IP address is accepted,
and a name only if it is in ALARM_HOSTS.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.middleware import Middleware

HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.I)
DEFAULT_PORTS = {"http": 80, "https": 443}


def split_host(header: str) -> tuple[str, int | None] | None:
    """Return the host (lower case, no brackets, no final dot) and port of a Host header."""
    match = HOST.fullmatch(header)
    if not match:
        return None
    host = match["host"].lower().strip("[]").removesuffix(".")
    return host, int(match["port"]) if match["port"] else None


def is_allowed(header: str, names: Iterable[str]) -> bool:
    """Return whether a Host header is an IP address or matches `names`.

    A name with a leading dot stands for all its subdomains, any other for itself.
    """
    parts = split_host(header)
    if parts is None:
        return False
    host, _port = parts
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return any(
            host.endswith(name) and host != name if name.startswith(".") else host == name
            for name in names
        )
    return True


def is_same_origin(origin: str, header: str) -> bool:
    """Return whether an Origin header has the same host and port as a Host header."""
    try:
        parts = urlsplit(origin)
        default_port = DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):  # "null", an extension's scheme, or nonsense
        return False
    theirs, ours = split_host(parts.netloc), split_host(header)
    if theirs is None or ours is None:
        return False
    return (theirs[0], theirs[1] or default_port) == (ours[0], ours[1] or default_port)


class HostMiddleware(Middleware):
    """Answers 400 to a Host header that the policy does not accept."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        if is_allowed(request.META.get("HTTP_HOST", ""), settings.ALARM_HOSTS):
            return None
        message = "This host name is not accepted: add it to ALARM_HOSTS.\n"
        return HttpResponse(message, status=400, content_type="text/plain")
