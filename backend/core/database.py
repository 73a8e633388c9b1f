"""Where the database is, and as which role: from DATABASE_URL, else from the POSTGRES_* settings.

A URL is what libpq reads: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING.
One of a transaction pooler is for short work. What belongs to a session, LISTEN and advisory locks,
and the migrations go to DATABASE_DIRECT_URL.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core import database_role, env

Parameters = dict[str, Any]
"""libpq's parameters of a connection, by their names."""

EXAMPLE = "postgresql://alarm@db.example.org/alarm_db?sslmode=verify-full"

CLIENT: Parameters = {
    "connect_timeout": 3,  # seconds, for each of several hosts
    "application_name": "alarm",
}
SILENCE = 9
"""Seconds after which a server that vanished without a word is given up."""
# A stuck client must not hold the alarm's row, or wait for it, for ever; nor may one whose machine
# has vanished: PostgreSQL notices that within 5 s, by its own settings after two hours.
LIMITS = {
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "3s",
    "tcp_keepalives_interval": "1s",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "5s",
}
OF_SESSION = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())


@dataclass(frozen=True)
class Database:
    """The ways to one database. The programs that serve have a role of their own."""

    pooled: Parameters
    direct: Parameters
    """Of the server itself; the same as `pooled` where there is no pooler."""
    app_role: tuple[str, str]
    """Name and password of the role of the programs that serve: alarm/grants.py."""
    makes_app_role: bool
    is_external: bool
    silence: int = SILENCE
    is_copy: bool = False
    """Whether it is a copy beside the panel's own, for a rehearsal; a pooler need not know it."""

    @property
    def has_pooler(self) -> bool:
        return self.pooled != self.direct

    def serving(self) -> Parameters:
        """Of the programs that serve, for short work."""
        name, password = self.app_role
        # A pooler refuses options of a session; there, alarm/grants.py gives them to the role.
        way = self.pooled if self.has_pooler else with_limits(self.pooled)
        return {**self._client, **way, "user": name, "password": password}

    def listening(self) -> Parameters:
        """Of the programs that serve, for LISTEN and advisory locks."""
        name, password = self.app_role
        return {**self._client, **with_limits(self.direct), "user": name, "password": password}

    def owning(self) -> Parameters:
        """Of what prepares the database at a start, and of `manage.py`."""
        return {**self._client, **with_limits(self.direct)}

    @property
    def _client(self) -> Parameters:
        return {**CLIENT, **given_up_after(self.silence)}


def given_up_after(seconds: int) -> Parameters:
    """The parameters with which the kernel ends a connection to a peer that is silent so long.

    By default it retransmits for a quarter of an hour.
    """
    interval = max(1, (seconds - 1) // 4)
    return {
        "keepalives_idle": seconds - 2 * interval,
        "keepalives_interval": interval,
        "keepalives_count": 2,
        "tcp_user_timeout": seconds * 1000,  # milliseconds
    }


def with_limits(parameters: Parameters) -> Parameters:
    more = parameters.get("options", "")
    return {**parameters, "options": f"{OF_SESSION} {more}".strip()}


def for_django(parameters: Parameters) -> dict[str, Any]:
    """An entry of DATABASES, to which ENGINE is to be added."""
    options = dict(parameters)
    named = {
        "HOST": "host",
        "PORT": "port",
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
    }
    entry = {name: options.pop(parameter, "") for name, parameter in named.items()}
    return {**entry, "OPTIONS": options}


def from_environment(*, production: bool) -> Database:
    """Read the settings; a wrong one ends the process.

    POSTGRES_HOST comes first: docker/common/bin/app-environment makes a DATABASE_URL of it for apps
    that read one.
    """
    if os.environ.get("POSTGRES_HOST") or env.optional("DATABASE_URL") is None:
        return _beside(production)
    pooled = _of_url("DATABASE_URL")
    direct = _of_url("DATABASE_DIRECT_URL") if env.optional("DATABASE_DIRECT_URL") else pooled
    name = env.optional("DATABASE_APP_USER")
    if name is None:
        owner = direct["user"]
        role = (database_role.name(owner), database_role.password(direct["password"]))
    else:
        password = env.optional("DATABASE_APP_PASSWORD")
        if password is None:
            env.refuse(
                "DATABASE_APP_USER has no password: set DATABASE_APP_PASSWORD or"
                " DATABASE_APP_PASSWORD_FILE."
            )
        role = (name, password)
    return Database(
        pooled,
        direct,
        role,
        makes_app_role=name is None,
        is_external=True,
        is_copy=env.optional("POSTGRES_DB") is not None,
    )


def _beside(production: bool) -> Database:
    """The database that the stack brings."""
    owner = env.text("POSTGRES_USER", "alarm")
    password = env.secret(
        "POSTGRES_PASSWORD",
        "alarm",
        production=production,
        shortest=12,
        known={"postgres", "password", "changeme", "change-me-please", "alarm_db"},
    )
    parameters: Parameters = {
        "host": env.text("POSTGRES_HOST", "db"),
        "port": env.integer("POSTGRES_PORT", 5432, smallest=1, largest=65535),
        "dbname": env.text("POSTGRES_DB", "alarm_db"),
        "user": owner,
        "password": password,
        # In a cluster, several servers are behind the name. A lock at a standby would make a second
        # leader.
        "target_session_attrs": "read-write",
    }
    role = (database_role.name(owner), database_role.password(password))
    silence = env.integer("POSTGRES_SILENCE_SECONDS", SILENCE, smallest=3, largest=60)
    return Database(
        parameters, parameters, role, makes_app_role=True, is_external=False, silence=silence
    )


def _of_url(name: str) -> Parameters:
    """The parameters of a URL, with what it may leave out."""
    try:
        found: Parameters = dict(conninfo_to_dict(env.text(name, "")))
    except psycopg.ProgrammingError:
        # Its text quotes the URL, and so perhaps the password.
        env.refuse(f"{name} is not the address of a PostgreSQL database: write it like {EXAMPLE}.")
    for part, what in (("user", "user"), ("dbname", "database"), ("host", "host")):
        if not found.get(part):
            env.refuse(f"{name} lacks a part of the address, the {what}: write it like {EXAMPLE}.")
    if password := found.get("password") or env.optional("POSTGRES_PASSWORD"):
        found["password"] = password
    else:
        env.refuse(f"{name} has no password: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE.")
    # Another database of the same server, for a rehearsal.
    found["dbname"] = env.text("POSTGRES_DB", found["dbname"])
    found.setdefault("target_session_attrs", "read-write")
    authority = env.optional_path("DATABASE_CA_FILE")
    if authority and "sslrootcert" not in found:
        found |= {"sslrootcert": authority, "sslmode": found.get("sslmode", "verify-full")}
    return found


def installation(pepper: str) -> int:
    """A number of 31 bits that tells installations apart that were given the same database.

    The pepper is what all containers of one installation have in common, and it stays.
    """
    digest = hmac.digest(pepper.encode(), b"installation", hashlib.sha256)
    return _number(digest)


def place(name: str) -> int:
    """A number that tells apart where an installation runs: a copy of it has the same pepper.

    A cluster has a name for all its nodes; outside of one it is empty.
    """
    return _number(hashlib.sha256(name.encode()).digest()) if name else 0


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:4]) >> 1
