"""Whether an external database is fit: a start refuses one that is not, with two lines.

The database that the stack brings needs none of this: it is new, and its owner may do everything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
from django.conf import settings
from django.db import connection

from core.database import Parameters

# The first of two keys; the second one is settings.INSTALLATION, and settings.PLACE.
INSTALLATION_LOCK, PLACE_LOCK = 5427_0002, 5427_0003
ATTEMPTS = 20
GUIDE = "docs/external-database.md"

OTHERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND granted
AND (classid = %s AND objid <> %s OR classid = %s AND objid <> %s)
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
RIGHTS = """
SELECT rolsuper OR rolcreaterole, has_schema_privilege('public', 'CREATE'), current_database()
FROM pg_roles WHERE rolname = current_user
"""
APP_ROLE = """
SELECT rolsuper OR rolcreaterole OR pg_has_role(rolname, current_user, 'MEMBER')
FROM pg_roles WHERE rolname = %s
"""
SAME = "SELECT system_identifier, current_database() FROM pg_control_system()"


def mark(session: psycopg.Connection) -> None:
    """Let the session show which installation it is of, and where, until it ends."""
    session.execute(
        "SELECT pg_advisory_lock_shared(%s, %s), pg_advisory_lock_shared(%s, %s)", _keys()
    )


def _keys() -> list[int | str]:
    return [INSTALLATION_LOCK, settings.INSTALLATION, PLACE_LOCK, settings.PLACE]


def require_fit() -> None:
    """SystemExit where the owner's connection is not one that the panel can be prepared with."""
    if not settings.DATABASE.is_external:
        return
    if shares_sessions(settings.DATABASE.owning()):
        name = "DATABASE_DIRECT_URL" if settings.DATABASE.has_pooler else "DATABASE_URL"
        refuse(
            f"{name} leads to a pooler that shares sessions, which breaks LISTEN and locks.",
            "Let DATABASE_DIRECT_URL lead to the server itself, beside the pooler's DATABASE_URL",
        )
    _require_rights()
    _require_own_database()


def shares_sessions(parameters: Parameters) -> bool:
    """Whether there is a pooler that gives one session of the server to several connections.

    A pooler has process numbers of its own for the protocol. One that shares sessions gives the
    second connection what the first one had, as soon as that has no transaction.
    """
    with _session(parameters) as one, _session(parameters) as other:
        if process(one) == one.info.backend_pid:
            return False
        for _ in range(ATTEMPTS):
            before = process(one)
            try:
                with other.transaction():
                    if process(other) == before or process(one) != before:
                        return True
            except psycopg.Error:  # a pooler by statements refuses transactions
                return True
    return False


def process(session: psycopg.Connection) -> int:
    """Return the number of the server's process that answers."""
    row = session.execute("SELECT pg_backend_pid()").fetchone()
    assert row
    return int(row[0])


def require_serving() -> None:
    """SystemExit where the programs that serve could not work with what they are given."""
    if not settings.DATABASE.is_external or settings.DATABASE.is_copy:
        return
    name, _ = settings.DATABASE.app_role
    found = []
    for parameters in (settings.DATABASE.serving(), settings.DATABASE.listening()):
        try:
            with _session(parameters) as session:
                found.append(session.execute(SAME).fetchone())
        except psycopg.OperationalError as error:
            refuse(
                f"The programs that serve cannot log in as {name}: {' '.join(str(error).split())}",
                f"Let the server, and a pooler in front of it, take that role; see {GUIDE}",
            )
    if found[0] != found[1]:
        refuse(
            "DATABASE_URL and DATABASE_DIRECT_URL lead to different databases.",
            "Correct one of them: the pooler has to lead to the same database",
        )


def _require_rights() -> None:
    database = settings.DATABASE
    name = database.direct["user"]
    makes_roles, makes_tables, where = _ask(RIGHTS) or (False, False, "")
    if not makes_tables:
        refuse(
            f"The role {name} may not make tables in the database {where}.",
            f"As the server's administrator: ALTER DATABASE {where} OWNER TO {name}",
        )
    if database.makes_app_role:
        if not makes_roles:
            refuse(
                f"The role {name} may not make the role {database.app_role[0]}, which serves.",
                f"As the server's administrator: ALTER ROLE {name} CREATEROLE; or see {GUIDE}",
            )
        return
    powers = _ask(APP_ROLE, [database.app_role[0]])
    if powers is None:
        refuse(
            f"There is no role {database.app_role[0]}, which DATABASE_APP_USER names.",
            f"As the server's administrator: CREATE ROLE {database.app_role[0]} LOGIN PASSWORD '…'",
        )
    if powers[0]:
        refuse(
            f"The role {database.app_role[0]}, of DATABASE_APP_USER, could change history.",
            f"Name a role that is no member of {name} and has no other rights; see {GUIDE}",
        )


def _require_own_database() -> None:
    others = _ask(OTHERS, _keys())
    if others and others[0]:
        refuse(
            "Another installation of the panel uses this database.",
            "Give this one a database of its own, or stop the other one first",
        )


def _ask(sql: str, parameters: list[int | str] | None = None) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[object, ...] | None = cursor.fetchone()
        return row


@contextmanager
def _session(parameters: Parameters) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**parameters, autocommit=True, prepare_threshold=None) as session:
        yield session


def refuse(what: str, remedy: str) -> NoReturn:
    """End the process with two lines."""
    raise SystemExit(f"{what}\n{remedy}")
