"""The files that `inv adopt` adds to a backend: `app.toml`, and settings on top of the app's own.

Settings of `django-admin startproject` read no variables: a database in SQLite, no host, DEBUG on.
Each part is written only for a setting that does not read what the stack gives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from stack.adopt import debug_words
from stack.adopt.backend import GIVEN, Backend
from stack.adopt.python_code import Settings

HEAD = '''"""The settings of {module}, with what the stack gives; written by `inv adopt`."""

import os
from pathlib import Path
{unused}
from {module} import *  # noqa: F403
'''

UNUSED = """
# The app's settings read these only for what is replaced below.
for _name in {names!r}:
    os.environ.setdefault(_name, "0")
"""

WORDS = """
# The words that the app's settings read as on and off.
for _name, _words in {words!r}.items():
    _given = os.environ.get(_name)
    os.environ.update({{_name: _words[_given]}} if _given in _words else {{}})
"""

DATABASES = """
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("POSTGRES_HOST", ""),
        "PORT": os.environ.get("POSTGRES_PORT", ""),
        "NAME": os.environ.get("POSTGRES_DB", ""),
        "USER": os.environ.get("POSTGRES_USER", ""),
        "PASSWORD": os.environ.get("POSTGRES_PASSWORD", ""),
    },
}
"""
PARTS = {
    "DATABASES": DATABASES,
    "SECRET_KEY": '\nSECRET_KEY = os.environ.get("SECRET_KEY", "")\n',
    "DEBUG": '\nDEBUG = os.environ.get("DEBUG", "").lower() in {"true", "1", "yes", "on"}\n',
    "ALLOWED_HOSTS": '\nALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split(",")\n',
    "CSRF_TRUSTED_ORIGINS": """
CSRF_TRUSTED_ORIGINS = [
    *globals().get("CSRF_TRUSTED_ORIGINS", ()),
    *filter(None, os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",")),
]
""",
}
STATIC_ROOT = '\nSTATIC_ROOT = Path(__file__).resolve().parent / "staticfiles"\n'
STATIC_URL = '\nSTATIC_URL = "/static/"\n'
PROXY = """
# Where TLS ends before Django: at Nginx, or at a reverse proxy before it.
if os.environ.get("ALARM_HTTPS", "").lower() in {"true", "1", "yes", "on"}:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
"""


@dataclass(frozen=True)
class OwnFiles:
    """The text of each file by its name in backend/, and the settings that each part sets."""

    texts: dict[str, str]
    added: tuple[str, ...]
    replaced: frozenset[str] = frozenset()
    """Variables that the app's settings read in vain."""


def write(backend: Backend) -> OwnFiles:
    """What the backend needs; no files for an app with its own, or where nothing is missing."""
    if backend.stated:
        return OwnFiles({}, ())
    production, development = backend.settings, backend.development_settings
    lines: list[str] = []
    texts: dict[str, str] = {}
    added: list[str] = []
    unread: set[str] = set()
    is_split = development.module != production.module
    for settings, key, name in (
        (production, "settings", "stack_settings"),
        (development, "development-settings", "stack_development_settings"),
    ):
        if settings is development and not is_split:
            break
        parts = missing(settings, backend, is_split=is_split)
        words = debug_words.words(settings)
        if parts or words:
            names = replaced(settings, parts)
            unread |= set(names)
            unused = UNUSED.format(names=names) if names else ""
            unused += WORDS.format(words=words) if words else ""
            head = HEAD.format(module=settings.module, unused=unused)
            texts[f"{name}.py"] = head + "".join(parts.values())
            lines.append(f"{key} = {json.dumps(name)}")
            added += [part for part in parts if part not in added]
        elif lines:
            # `settings` alone would be those of development, too.
            lines.append(f"{key} = {json.dumps(settings.module)}")
    if lines and is_split and not lines[0].startswith("settings"):
        lines.insert(0, f"settings = {json.dumps(production.module)}")
    if lines and backend.asgi:
        lines.append(f"asgi = {json.dumps(backend.asgi)}")
    if prefixes := backend.more_prefixes:
        lines.append(f"prefixes = {json.dumps(prefixes)}")
    if backend.packages.is_chosen:
        lines.append(f"requirements = {json.dumps(backend.packages.production)}")
    if lines:
        head = "# Read by the container and written by `inv adopt`; the keys: docs/any-app.md\n"
        texts["app.toml"] = head + "\n".join(lines) + "\n"
    return OwnFiles(texts, tuple(added), frozenset(unread))


def missing(settings: Settings, backend: Backend, *, is_split: bool) -> dict[str, str]:
    """By setting, the lines for each that does not read what the stack gives."""
    parts = {
        name: text
        for name, text in PARTS.items()
        if not {read.name for read in settings.reads_of(name)} & GIVEN[name]
    }
    if debug_words.is_never_off(settings):
        parts["DEBUG"] = PARTS["DEBUG"]
    if is_split and (settings is not backend.settings or settings.constant("DEBUG") is not True):
        parts.pop("DEBUG", None)  # the two modules differ in it already
    if settings.constant("ALLOWED_HOSTS") == ["*"]:
        parts.pop("ALLOWED_HOSTS", None)
    if backend.engine not in {"", "sqlite3", "postgresql", "mysql", "postgresql_psycopg2"}:
        parts.pop("DATABASES", None)  # an engine such as PostGIS stays the app's
    if parts.keys() == {"CSRF_TRUSTED_ORIGINS"}:
        # Behind the stack's own port a browser's origin is the host that it asks.
        parts = {}
    return {**parts, **_beside(settings, backend)} if parts else {}


def replaced(settings: Settings, parts: Iterable[str]) -> list[str]:
    """The variables without a default that only such settings read as the parts replace."""
    others = {name for name in settings.values if name.isupper()} - set(parts)
    needed = {read for name in others for read in settings.reads_of(name)}
    read = {read for name in parts for read in settings.reads_of(name)} - needed
    return sorted({each.name for each in read if each.is_required})


def _beside(settings: Settings, backend: Backend) -> dict[str, str]:
    """What such settings lack, and the container does without where they are complete."""
    parts = {"STATIC_ROOT": STATIC_ROOT, "STATIC_URL": STATIC_URL}
    if backend.asgi:
        # Only Channels' own runserver reads it.
        stated = json.dumps(backend.asgi.replace(":", "."))
        parts["ASGI_APPLICATION"] = f"\nASGI_APPLICATION = {stated}\n"
    parts["SECURE_PROXY_SSL_HEADER"] = PROXY
    return {name: text for name, text in parts.items() if name not in settings.values}
