"""Leader election: of all workers, in any container, one holds an advisory lock of its session.

The lock ends with the connection, and the leader waits on that same connection: losing the database
wakes it and ends its lead at once. While it waits it listens for changes, so that a new delay is
noticed when it begins.

A leader that hangs would keep its connection and the lock. So it gives a sign of life: a query on
that connection, whose moment PostgreSQL shows to all. It writes nothing. A waiting worker ends the
session of a leader without one.
"""

import logging
import re
import socket
from contextlib import suppress

import psycopg
from django.db import connection

from broadcast.postgres import NOTIFY_CHANNEL, listen_parameters
from core import database_check

logger = logging.getLogger(__name__)

LOCK = 5427  # key of the advisory lock
# In this order two never lead at once: a leader without a sign of life stops what only one may do,
# then the others may end its lead, and then PostgreSQL does where there is no other.
BEAT_EVERY = 0.5  # seconds
LEASE = 2.5  # seconds after the last sign of life
HUNG_AFTER = 4.0  # seconds without a sign of life

# A network that drops all packets is noticed by the leader within 3 s, and by PostgreSQL within 5 s
# (LIMITS in core/database.py) but not before HUNG_AFTER. By default the leader waits for minutes.
APPLICATION = "alarm leader"
PARAMETERS = {
    "application_name": APPLICATION,
    "tcp_user_timeout": 3000,  # milliseconds
    "keepalives_idle": 1,  # seconds
    "keepalives_interval": 1,
    "keepalives_count": 2,
}

# Another role's session has no visible moment; it holds the lock, so it counts as alive.
SILENCE = """
SELECT pid, coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float AS seconds,
query
FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

CANDIDATES = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = %s
AND clock_timestamp() - state_change < make_interval(secs => %s)
"""

# The sign of life says where it comes from: other sessions of the role see the last query.
HOST = re.sub(r"[^\w.-]", "", socket.gethostname())
BEAT = f"SELECT 1 -- at {HOST}"


class Candidate:
    """This process as a candidate for the lead: one connection, used by one thread."""

    def __init__(self) -> None:
        self._session: psycopg.Connection | None = None
        self.leads = False

    @property
    def _connection(self) -> psycopg.Connection:
        """The connection, made when it is first used."""
        if self._session is None:
            self._session = psycopg.connect(**{**listen_parameters(), **PARAMETERS})
            self._session.execute(f"LISTEN {NOTIFY_CHANNEL}")
            database_check.mark(self._session)
        return self._session

    def try_to_lead(self) -> bool:
        """Return whether this process leads now; raises psycopg.Error without a database."""
        session = self._connection
        if not self.leads:
            answer = session.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            self.leads = answer.fetchone() == (True,)
            if self.leads:
                logger.info("This worker leads.")
        return self.leads

    def wait(self, seconds: float) -> None:
        """Wait for any change, at most `seconds`; raises psycopg.Error if cut off."""
        for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            pass

    def beat(self) -> None:
        """Give a sign of life; raises psycopg.Error if cut off."""
        self._connection.execute(BEAT)

    def end_hung_leader(self) -> None:
        """End the session of a leader without a sign of life, so that the lock is free."""
        ended = self._connection.execute(
            f"SELECT pg_terminate_backend(pid) FROM ({SILENCE}) leader WHERE seconds > %s",
            [LOCK, HUNG_AFTER],
        )
        if ended.fetchone():
            logger.warning("The leading worker gives no sign of life; its lead is ended.")

    def resign(self) -> None:
        self.leads = False
        if self._session is not None:
            with suppress(psycopg.Error):
                self._session.close()
            self._session = None


def seconds_of_silence() -> float | None:
    """Return the seconds since the leader's last sign of life; None where no worker leads."""
    found = _look()
    return found[1] if found else None


def candidates() -> int:
    """Return how many workers lead or ask for the lead at this time."""
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES, [APPLICATION, HUNG_AFTER])
        row: tuple[int] = cursor.fetchone()
    return row[0]


def host() -> str:
    """Return the host name of the container whose worker leads; empty where that is not known."""
    found = _look()
    named = re.search(r"-- at (\S+)$", found[2] or "") if found else None
    return named[1] if named else ""


def _look() -> tuple[int, float, str | None] | None:
    with connection.cursor() as cursor:
        cursor.execute(SILENCE, [LOCK])
        found: tuple[int, float, str | None] | None = cursor.fetchone()
    return found
