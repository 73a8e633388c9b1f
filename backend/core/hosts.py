"""The policy for Host and Origin headers.

In a home network the panel is opened by IP address, by a local name, or by a name of its own.
A DNS-rebinding attack needs a *name* that the attacker controls: so every IP address is accepted,
and each name without a dot (`nas`), which the public DNS does not have. Another name is accepted
only if it is in ALARM_HOSTS.
"""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.middleware import Middleware

HOST = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?", re.I)
LABEL = re.compile(r"[a-z][a-z0-9-]*")
DEFAULT_PORTS = {"http": 80, "https": 443}
PASS_HOST_ON = "pass the Host header on with its port (Nginx: proxy_set_header Host $http_host)"


def split_host(header: str) -> tuple[str, int | None] | None:
    """Return the host (lower case, no brackets, no final dot) and port of a Host header."""
    match = HOST.fullmatch(header)
    if not match:
        return None
    host = match["host"].lower().strip("[]").removesuffix(".")
    return host, int(match["port"]) if match["port"] else None


def is_allowed(header: str, names: Iterable[str]) -> bool:
    """Return whether a Host header is an IP address, a single label or one of `names`."""
    return refusal(header, names) is None


def refusal(header: str, names: Iterable[str]) -> str | None:
    """Return why a Host header is not accepted and what to do, in a sentence, or None.

    A name with a leading dot stands for all its subdomains, any other for itself.
    """
    parts = split_host(header)
    if parts is None:
        if "%" in header:
            return "An IPv6 address with a zone cannot be used: open the panel at another address."
        return "The Host header is neither a name nor an address."
    host, _port = parts
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return None
    if "_" in host:
        # Django does not accept it either (RFC 1034).
        return f"A host name has no underscore, as in {host}: use the IP address or another name."
    is_named = any(
        host.endswith(name) and host != name if name.startswith(".") else host == name
        for name in names
    )
    if is_named or LABEL.fullmatch(host):
        return None
    return (
        f"The host name {host} is not accepted. Add it to .env, ALARM_HOSTS={host}, and start the"
        " panel again."
    )


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


def origin_fault(request: HttpRequest) -> str | None:
    """Return why a request does not come from the panel's own page, in a sentence, or None.

    Often the cause is a reverse proxy. A request without an Origin header is not a browser's.
    """
    origin, host = request.META.get("HTTP_ORIGIN"), request.META.get("HTTP_HOST", "")
    if origin is None:
        return None
    if is_same_origin(origin, host):
        if origin.startswith("https:") and not request.is_secure():
            return (
                "The page is open over HTTPS, and the panel got this request over HTTP. Behind a"
                " reverse proxy that ends TLS, set ALARM_HTTPS=true in .env, and let the proxy"
                " send X-Forwarded-Proto: https."
            )
        return None
    if origin == "null":
        return (
            "The browser hides the page's address, as in a sandboxed frame, or because a reverse"
            " proxy sends Referrer-Policy: no-referrer. The proxy must not."
        )
    try:
        theirs, ours = split_host(urlsplit(origin).netloc), split_host(host)
    except ValueError:
        theirs = ours = None
    if theirs and ours and theirs[0] == ours[0]:
        return (
            f"The page is open at {origin}, and the Host header is {host}. A reverse proxy has to"
            f" {PASS_HOST_ON}."
        )
    return (
        "Another page than the panel's own sent this request, or a reverse proxy changes the Host"
        f" header, which is {host}. It has to {PASS_HOST_ON}."
    )


class HostMiddleware(Middleware):
    """Answers 400 to a Host header that the policy does not accept."""

    def before(self, request: HttpRequest) -> HttpResponse | None:
        fault = refusal(request.META.get("HTTP_HOST", ""), settings.ALARM_HOSTS)
        if fault is None:
            return None
        return HttpResponse(f"{fault}\n", status=400, content_type="text/plain")
