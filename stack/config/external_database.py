"""The settings in `.env` that name an external database of production: docs/external-database.md.

Docker Compose includes another file where DATABASE_URL or DATABASE_URL_FILE is set. `docker
inspect` shows settings to every user of the engine, so an address with a password has to be in a
file.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from stack.config import dotenv, secrets
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core.console import Failure

URL, DIRECT = "DATABASE_URL", "DATABASE_DIRECT_URL"
AUTHORITY, APP_USER, APP_PASSWORD = "DATABASE_CA", "DATABASE_APP_USER", "DATABASE_APP_PASSWORD"
EXAMPLE = "postgresql://alarm@db.example.org/alarm_db?sslmode=verify-full"
AUTHORITY_IN_CONTAINER = "/run/secrets/database_ca"
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1", "host.docker.internal"}


@dataclass(frozen=True)
class ExternalDatabase:
    """What is known of it before anything is connected."""

    parameters: dict[str, str]
    """libpq's, of a session with the server itself, as the owner."""
    has_own_password: bool
    """Whether the address holds the password; else it is .secrets/postgres_password."""
    is_of_cluster: bool = False
    """Whether it is a cluster's own, which Docker Compose does not start either."""

    @property
    def name(self) -> str:
        return self.parameters["dbname"]

    @property
    def role(self) -> str:
        return self.parameters["user"]

    @property
    def hosts(self) -> list[str]:
        return self.parameters["host"].split(",")

    @property
    def verifies(self) -> bool:
        """Whether a connection is encrypted, and to the server that the address names."""
        is_here = set(self.hosts) <= LOCAL_HOSTS or all(h.startswith("/") for h in self.hosts)
        return is_here or self.parameters.get("sslmode") == "verify-full"

    def service_file(self) -> str:
        """A connection service file: https://www.postgresql.org/docs/current/libpq-pgservice.html."""
        return "\n".join(["[panel]", *(f"{n}={value}" for n, value in self.parameters.items())])


def is_set(root: Path) -> bool:
    """Whether production's database is elsewhere."""
    return bool(dotenv.setting(root, URL) or dotenv.setting(root, f"{URL}_FILE"))


def has_pooler(root: Path) -> bool:
    """Whether a second address leads past a pooler to the server itself."""
    return bool(dotenv.setting(root, DIRECT) or dotenv.setting(root, f"{DIRECT}_FILE"))


def has_app_role(root: Path) -> bool:
    """Whether an administrator has made the role that serves."""
    return bool(dotenv.setting(root, APP_USER))


def of(root: Path) -> ExternalDatabase | None:
    """The external database of a checkout, if it has one. Raises Failure for a wrong setting."""
    if not is_set(root):
        return None
    parameters = _parameters(root, URL)
    if has_pooler(root):
        parameters = _parameters(root, DIRECT)
    has_own_password = bool(parameters.get("password"))
    if not has_own_password:
        parameters["password"] = secrets.read(root, POSTGRES_PASSWORD)
    _require_app_role(root)
    if authority := dotenv.setting(root, AUTHORITY):
        _content(root, AUTHORITY, authority)
        parameters.setdefault("sslrootcert", AUTHORITY_IN_CONTAINER)
        parameters.setdefault("sslmode", "verify-full")
    parameters.setdefault("target_session_attrs", "read-write")
    parameters.setdefault("connect_timeout", "5")
    return ExternalDatabase(parameters, has_own_password)


def _parameters(root: Path, name: str) -> dict[str, str]:
    from psycopg import ProgrammingError  # start-up time of inv --list
    from psycopg.conninfo import conninfo_to_dict  # start-up time of inv --list

    plain, file = dotenv.setting(root, name), dotenv.setting(root, f"{name}_FILE")
    if plain and file:
        raise Failure(f"{name} and {name}_FILE are both set.", "Remove one of them from .env.")
    text = plain or _content(root, f"{name}_FILE", file or "")
    where = name if plain else f"{name}_FILE"
    try:
        found = {part: str(value) for part, value in conninfo_to_dict(text).items()}
    except ProgrammingError:
        found = {}  # the error's text quotes the address, and so perhaps the password
    if missing := [part for part in ("host", "user", "dbname") if not found.get(part)]:
        raise Failure(
            f"{where} has no address of a PostgreSQL database with {_words(missing)}.",
            f"Write it like this: {EXAMPLE}",
        )
    if plain and found.get("password"):
        raise Failure(
            f"{name} in .env has a password, which `docker inspect` would show.",
            f"Put the address into a file: {name}_FILE=.secrets/{name.lower()}",
        )
    return found


def _words(parts: list[str]) -> str:
    return " and ".join(
        {"dbname": "a database", "host": "a host", "user": "a user"}[p] for p in parts
    )


def _content(root: Path, name: str, path: str) -> str:
    """The content of a file that the container's user has to read, too."""
    file = root / path
    try:
        text = file.read_text(encoding="utf-8").strip()
        is_open = file.stat().st_mode & stat.S_IROTH
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise Failure(
            f"{name}={path} cannot be read: {reason}.", "Correct the path in .env, or the file."
        ) from error
    if not is_open:
        raise Failure(
            f"{name}={path} cannot be read in the container.",
            f"Type: chmod 444 {path}   (the folder .secrets keeps other users out)",
        )
    return text


def _require_app_role(root: Path) -> None:
    if dotenv.setting(root, APP_PASSWORD):
        raise Failure(
            f"{APP_PASSWORD} is in .env, which `docker inspect` would show.",
            f"Put it into a file: {APP_PASSWORD}_FILE=.secrets/database_app_password",
        )
    file = dotenv.setting(root, f"{APP_PASSWORD}_FILE")
    if has_app_role(root) and not (file and _content(root, f"{APP_PASSWORD}_FILE", file)):
        raise Failure(
            f"{APP_USER} is set, and {APP_PASSWORD}_FILE names no password.",
            f"Write it into a file, and: {APP_PASSWORD}_FILE=.secrets/database_app_password",
        )
