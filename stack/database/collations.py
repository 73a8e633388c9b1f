"""Rebuilding text indexes after the C library, or ICU, has other rules for the order of text.

Another image of PostgreSQL may bring another library, also with the same version of PostgreSQL. An
index that was made by the older rules then misses rows, and CREATE DATABASE refuses a template.
PostgreSQL keeps the version of the rules that each database was made with:
https://www.postgresql.org/docs/15/sql-alterdatabase.html#SQL-ALTERDATABASE-NOTES
"""

from __future__ import annotations

from stack.core.console import step
from stack.database.server import Server

FIRST = 15
"""The first major version that keeps it."""

OUTDATED = """
SELECT datname FROM pg_database
WHERE datallowconn AND datcollversion <> pg_database_collation_actual_version(oid) ORDER BY datname
"""

REFRESH_COLLATIONS = """
DO $$ DECLARE each regcollation; BEGIN
    FOR each IN
        SELECT oid FROM pg_collation WHERE collversion <> pg_collation_actual_version(oid)
    LOOP EXECUTE format('ALTER COLLATION %s REFRESH VERSION', each); END LOOP;
END $$
"""


def refresh(database: Server) -> None:
    """Rebuild the indexes of each database that was made with other rules; the app may serve.

    An external server is its administrator's.
    """
    if database.is_external or database.major() < FIRST:
        return
    for name in database.ask(OUTDATED):
        with step(f"Rebuilding the indexes of {name}, as the order of text has changed"):
            database.ask(f'REINDEX DATABASE "{name}"', name)
            database.ask(REFRESH_COLLATIONS, name)
            database.ask(f'ALTER DATABASE "{name}" REFRESH COLLATION VERSION')
