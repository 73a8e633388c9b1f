"""A checksum of each table, and writes under which a dump is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from stack.core.polling import wait_until
from stack.database.server import DATABASE, Server

HEARTBEAT = "alarm_worker"
"""The worker rewrites this table's one row every second."""

TABLES = f"""
SELECT format('SELECT json_build_array(%L, count(*), '
              'md5(string_agg(t::text, chr(10) ORDER BY t::text COLLATE "C"))) FROM %I t',
              tablename, tablename)
FROM pg_tables WHERE schemaname = 'public' AND tablename <> '{HEARTBEAT}'
"""
"""A query that writes one query for each table."""

# PostgreSQL writes the casts of an expression anew when a dump is restored for the first time.
OTHERS = r"""
SELECT json_build_array('sequence ' || sequencename, last_value) FROM pg_sequences
UNION ALL SELECT json_build_array('trigger', pg_get_triggerdef(oid))
          FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT json_build_array('index', indexdef) FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT json_build_array('constraint', conname, regexp_replace(
              pg_get_constraintdef(oid), '::[a-z ]+(\[\])?|[()]', '', 'g'))
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


def checksums(server: Server, database: str = DATABASE) -> dict[str, str]:
    """A checksum of all rows by table, and of sequences, triggers, indexes and constraints."""
    queries = " UNION ALL ".join([*server.ask(TABLES, database), OTHERS])
    found: dict[str, list[str]] = {}
    for row in server.ask(queries, database):
        name, *facts = json.loads(row)
        found.setdefault(name, []).append(json.dumps(facts))
    return {name: "\n".join(sorted(facts)) for name, facts in found.items()}


# One transaction writes both halves of a pair, so an inconsistent dump holds a single half.
WRITE = """
DO $$ BEGIN
    FOR n IN 1..100000 LOOP
        INSERT INTO pairs VALUES (n, 1);
        INSERT INTO filled (words) VALUES ('under load');
        PERFORM pg_sleep(0.001);
        INSERT INTO pairs VALUES (n, 2);
        COMMIT;
    END LOOP;
END $$
"""
HALVES = "SELECT count(*) FROM (SELECT FROM pairs GROUP BY pair HAVING count(*) % 2 <> 0) AS half"
LOAD = "application_name = 'load'"


@contextmanager
def written_to(server: Server, writers: int = 3) -> Iterator[Callable[[], int]]:
    """Several clients write to the app's database without pause while the block lasts.

    Yields a function that returns the number of rows written.
    """

    def rows() -> int:
        return int(server.ask("SELECT count(*) FROM pairs", DATABASE)[0])

    def write() -> None:
        container = server.project.client.containers.get(_id(server))
        # It ends when its session is ended; so does the thread.
        container.exec_run(
            ["psql", "--username=alarm", f"--dbname={DATABASE}", f"--command={WRITE}"],
            environment={"PGAPPNAME": "load"},
        )

    with ThreadPoolExecutor(writers) as threads:
        for _ in range(writers):
            threads.submit(write)
        try:
            wait_until("writes", lambda: rows() > 20, seconds=30)
            yield rows
        finally:
            end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LOAD}"
            server.ask(end)


def _id(server: Server) -> str:
    return str(server.project.containers()["db"].id)
