"""The request by which `healthcheck` asks the app, as its settings need it.

`migrate-and-exec` writes it, a line for each part: the path (empty: any answer will do), the Host
header (empty: the address that is asked), one more header, the expected status, and a path that
asks nothing of the database (empty: not known).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

NAME = re.compile(r"/(health|healthz|health[-_]?check|readyz?|livez?|ht)/?$")
PLAIN = re.compile(r"[\w/.~-]+", re.ASCII)
"""An address without a pattern in it."""

LOCAL_HOSTS = [".localhost", "127.0.0.1", "[::1]"]
"""What Django accepts with DEBUG and an empty ALLOWED_HOSTS."""


def path() -> str:
    """What app.toml says, else the first address with a usual name; empty where there is none."""
    stated = os.environ.get("HEALTH_PATH", "")
    return "" if stated == "none" else stated or next(addresses(), "")


def addresses() -> Iterator[str]:
    """The addresses of the application that are named as health checks are."""
    from django.urls import URLPattern, get_resolver

    def below(patterns: list[Any], before: str) -> Iterator[str]:
        for entry in patterns:
            address = before + str(entry.pattern).removeprefix("^").removesuffix("$")
            if isinstance(entry, URLPattern):
                yield address
            else:
                yield from below(entry.url_patterns, address)

    found = below(get_resolver().url_patterns, "/")
    return (address for address in found if NAME.search(address) and PLAIN.fullmatch(address))


def write(health: str) -> None:
    """Write the file for a path."""
    from django.conf import settings

    allowed = settings.ALLOWED_HOSTS or (LOCAL_HOSTS if settings.DEBUG else [])
    header, status = scheme(settings, health)
    file = Path(os.environ.get("RUN_DIR", "/run/app"), "health-request")
    lines = (health, host(allowed), header, status, alive(health))
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def alive(health: str) -> str:
    """The address beside a readiness check that says only whether the process answers, if any."""
    from django.conf import settings
    from django.urls import Resolver404, resolve

    other = re.sub(r"ready(?=z?/?$)", "live", health)
    if other == health or not getattr(settings, "ROOT_URLCONF", None):
        return ""
    try:
        resolve(other)
    except Resolver404:
        return ""
    return other


def host(allowed: Iterable[str]) -> str:
    """A name that the app accepts where it refuses the address that is asked, else empty."""
    from django.http.request import validate_host

    asked = os.environ.get("REVERSE_PROXY_HOST", "127.0.0.1")
    asked = f"[{asked.strip('[]')}]" if ":" in asked else asked
    names = list(allowed)
    if not names or validate_host(asked, names):
        return ""
    return "localhost" if validate_host("localhost", names) else names[0].removeprefix(".")


def own_hosts(allowed: Iterable[str]) -> Iterator[str]:
    """The names of an app that has a list of its own: the reverse proxy accepts them, too."""
    names = list(allowed)
    if "*" not in names:
        for name in names:
            yield name
            if name.startswith("."):  # Django's list means the domain itself as well
                yield name[1:]


def scheme(settings: Any, health: str) -> tuple[str, str]:
    """The header by which the app knows HTTPS, or the status of its redirect to HTTPS."""
    exempt = any(re.search(each, health.lstrip("/")) for each in settings.SECURE_REDIRECT_EXEMPT)
    if not settings.SECURE_SSL_REDIRECT or exempt:
        return "", "200"
    if not settings.SECURE_PROXY_SSL_HEADER:
        return "", "301"
    name, value = settings.SECURE_PROXY_SSL_HEADER
    return f"{name.removeprefix('HTTP_').replace('_', '-').title()}: {value}", "200"
