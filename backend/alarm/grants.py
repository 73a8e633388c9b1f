"""What the role of the serving programs may do: its work, and nothing that changes history."""

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import Connection, sql

from core.database import LIMITS

APPEND_ONLY = "alarm_event"
READ_ONLY = "alarm_eventchain, django_migrations"
GRANTS = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {{role}};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {{role}};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {{role}};
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {{role}};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {{role}};
REVOKE UPDATE, DELETE ON {APPEND_ONLY} FROM {{role}};
REVOKE INSERT, UPDATE, DELETE ON {READ_ONLY} FROM {{role}};
"""
ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
# A pooler takes no options of a session.
OF_ROLE = "".join(f"ALTER ROLE {{role}} SET {name} = '{value}';" for name, value in LIMITS.items())
# An owner that is no superuser ends the role's sessions, e.g. before a restore.
MEMBERSHIP = "GRANT {role} TO CURRENT_USER;"
LOCK = 5427_0003  # key of an advisory lock


@transaction.atomic
def apply() -> None:
    """Make the role where it is missing, and give it its password and its rights.

    At every start: a restored database has none of its rights, and a new server not the role. One
    that an administrator has made is given its rights only.
    """
    name, password = settings.DATABASE.app_role
    with connection.cursor() as cursor:
        session: Connection = cursor.connection
        role: dict[str, sql.Composable] = {"role": sql.Identifier(name)}
        if settings.DATABASE.makes_app_role:
            verifier = session.pgconn.encrypt_password(
                password.encode(), name.encode(), b"scram-sha-256"
            )
            text = _statement_of_role(cursor, name)
            role["verifier"] = sql.Literal(verifier.decode())
        else:
            text = ""
        cursor.execute(sql.SQL(text + GRANTS).format(**role).as_string(session))


def _statement_of_role(cursor: CursorWrapper, name: str) -> str:
    """Return the SQL that makes or changes the role, which no other session does meanwhile."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    is_superuser = cursor.fetchone() == (True,)
    # Two that start together would fail; roles are common to all databases of the server.
    if is_superuser:
        cursor.execute("LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE")
    else:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
    verb = "ALTER" if cursor.fetchone() is not None else "CREATE"
    # Only a superuser may name these attributes, also where they are the default.
    attributes = ATTRIBUTES if is_superuser else "LOGIN"
    text = f"{verb} ROLE {{role}} {attributes} PASSWORD {{verifier}};{OF_ROLE}"
    return text if is_superuser else text + MEMBERSHIP
