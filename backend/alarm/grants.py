"""What the role of the serving programs may do: its work, and nothing that changes history."""

from django.conf import settings
from django.db import connection, transaction
from psycopg import Connection, sql

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


@transaction.atomic
def apply() -> None:
    """Make the role where it is missing, and give it its password and its rights.

    At every start: a restored database has none of its rights, and a new server not the role.
    """
    name, password = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        # Two that start together would fail; roles are common to all databases of the server.
        cursor.execute("LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE")
        session: Connection = cursor.connection
        verifier = session.pgconn.encrypt_password(
            password.encode(), name.encode(), b"scram-sha-256"
        )
        role = {"role": sql.Identifier(name), "verifier": sql.Literal(verifier.decode())}
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
        verb = "ALTER" if cursor.fetchone() is not None else "CREATE"
        text = f"{verb} ROLE {{role}} {ATTRIBUTES} PASSWORD {{verifier}};{GRANTS}"
        cursor.execute(sql.SQL(text).format(**role).as_string(session))
