"""What `inv adopt` found, what it did not find, and what to type next."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stack.adopt import places
from stack.adopt.backend import Backend, wanted_python
from stack.adopt.left_out import LeftOut, Reason
from stack.adopt.own_settings import OwnFiles
from stack.adopt.source import Source
from stack.core.console import say, table

MOST_NAMES = 10
"""Of files that are not copied for one reason."""


@dataclass
class Adopted:
    """An app with its parts, and the folder that it was put into."""

    source: Source
    target: Path
    backend: Backend
    frontend: Path
    own: OwnFiles = field(default_factory=lambda: OwnFiles({}, ()))
    left_out: list[LeftOut] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    is_written: bool = False

    @property
    def required(self) -> list[str]:
        """The variables that the user has to set."""
        return [name for name in self.backend.required if name not in self.own.replaced]

    def path(self, place: Path) -> str:
        """A place relative to the app's folder."""
        return str(place.relative_to(self.source.root))


def rows(found: Adopted) -> Iterator[tuple[str, str, str]]:
    """Part, what was found, and where or why."""
    backend, listed = found.backend, found.backend.packages
    yield "backend", found.path(backend.folder), "it has manage.py"
    yield "frontend", found.path(found.frontend), "it has package.json with Vite"
    packages = found.path(listed.folder / listed.production)
    copied = "" if listed.folder.is_relative_to(backend.folder) else ", copied into backend/"
    yield "packages", packages, f"{len(listed.names)} names{copied}"
    if lock := places.lock_of(found.frontend):
        yield "packages of the page", found.path(found.frontend / lock), ""
    if listed.development:
        yield "packages of development", found.path(listed.folder / listed.development), ""
    yield "settings in production", backend.settings.module, "named by asgi.py or manage.py"
    yield "settings in development", backend.development_settings.module, "named by manage.py"
    yield "ASGI application", backend.asgi or "none", ""
    if backend.uses_channels:
        layer = backend.channel_layer or "none"
        one = "production runs one Daphne" if layer == "channels" else ""  # in memory
        yield "Channels' layer", layer, one
    if backend.sockets:
        yield "WebSockets", " ".join(backend.sockets), ""
    health = "" if backend.health else "healthy when Daphne answers"
    yield "health", backend.health or "no address", health
    root = found.source.root
    versions = {
        "Python": wanted_python(backend.folder, root),
        "Node": places.wanted_node(found.frontend, root),
    }
    yield from ((what, wanted, file) for what, (wanted, file) in versions.items() if wanted)
    for service, what in backend.services():
        yield service, "required", what
    if found.own.added:
        names = ", ".join(found.own.added)
        yield "added settings", f"backend/{next(iter(found.own.texts))}", names
    for file in found.changed:
        yield "changed in the copy", f"backend/{file}", "its DJANGO_SETTINGS_MODULE is a default"


def missing(found: Adopted) -> Iterator[tuple[str, str]]:
    """What was not found, and what to type."""
    backend = found.backend
    if not backend.asgi:
        yield (
            "The backend has no ASGI application.",
            'In backend/app.toml: asgi = "…asgi:application"',
        )
    if found.required:
        names = " ".join(found.required)
        yield f"The settings fail without: {names}", "Set these in .env"
    if "/" in backend.sockets:
        yield (
            "A WebSocket's address begins with no fixed word, so it is not passed to the app.",
            "Put it below /ws/, or below one of `prefixes` in backend/app.toml",
        )
    if backend.stated and (lacking := sorted({*backend.more_prefixes} - _stated(backend))):
        yield (
            f"backend/app.toml has no prefix for WebSockets at {' '.join(lacking)}",
            f"Add it: prefixes = {json.dumps(lacking)}",
        )
    if not {"psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary"} & backend.packages.names:
        yield (
            "The app's packages bring no driver for PostgreSQL.",
            "The image adds psycopg; add it to the app's own list, too",
        )
    if "daphne" not in backend.packages.names:
        yield "The app's packages bring no Daphne.", "The image adds it"
    if not places.lock_of(found.frontend):
        yield "The page's packages have no lock file.", "Type in frontend/: npm install"
    settings = backend.settings
    redirects = "SECURE_SSL_REDIRECT" in settings.values
    if redirects and settings.constant("SECURE_SSL_REDIRECT") is not False:
        switches = sorted(read.name for read in settings.reads_of("SECURE_SSL_REDIRECT"))
        plain = f"; for plain HTTP: {switches[0]}=False" if switches else ""
        yield (
            "In production the app redirects to HTTPS: SECURE_SSL_REDIRECT.",
            f"Set TLS_CERTIFICATE or ALARM_HTTPS in .env{plain}",
        )
    by_reason: dict[Reason, list[str]] = {}
    for each in found.left_out:
        by_reason.setdefault(each.reason, []).append(each.name)
    for reason, left in by_reason.items():
        yield f"Not copied, {reason.what}: {_first(left)}", reason.remedy
    if scripts := [f"backend/{file.name}" for file in found.target.glob("backend/*.sql")]:
        yield (
            f"Not in the image, as they may be copies of a database: {_first(scripts)}",
            f"Those that the app reads, name in .dockerignore: !{scripts[0]}",
        )


def _first(names: Iterable[str]) -> str:
    known = sorted(set(names))
    more = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    return " ".join(known[:MOST_NAMES]) + more


def _stated(backend: Backend) -> set[str]:
    return {f"{str(prefix).rstrip('/')}/" for prefix in backend.stated.get("prefixes", ())}


def show(found: Adopted) -> None:
    """Print the table, what is missing, and the next commands."""
    table("", ("part", "found", "note"), rows(found))
    for what, remedy in missing(found):
        say(f"• {what}\n  → {remedy}")
    say(f"✓ {found.target} has the app and its stack.", style="bold green")
    folder = shlex.quote(str(found.target))
    say(f"Type next:\n  cd {folder} && git init\n  ./bootstrap inv doctor\n  ./bootstrap inv dev")
