"""Leader election: of all workers, in any container, one holds an advisory lock of its session.

The lock ends with the connection, and the leader waits on that same connection: losing the database
wakes it and ends its lead at once. While it waits it listens for changes, so that a new delay is
noticed when it begins.

A leader that hangs would keep its connection and the lock. So it writes a heartbeat, and a waiting
worker ends the session of a leader without one.
"""

import logging
import os
import socket
from contextlib import suppress

import psycopg
from django.db.models import F
from django.db.models.functions import Now

from alarm.models import SINGLETON_ID, Worker
from broadcast.postgres import NOTIFY_CHANNEL, listen_parameters

logger = logging.getLogger(__name__)

LOCK = 5427  # key of the advisory lock
BEAT_EVERY = 1.0  # seconds
HUNG_AFTER = 3.5  # seconds without a heartbeat

# A network that drops all packets is noticed within 3 s, by the leader and by PostgreSQL. Otherwise
# the leader continues for minutes, and PostgreSQL keeps its lock.
PARAMETERS = {
    "application_name": "alarm leader",
    "tcp_user_timeout": 3000,  # milliseconds
    "keepalives_idle": 1,  # seconds
    "keepalives_interval": 1,
    "keepalives_count": 2,
}
OF_THE_SERVER = {
    "tcp_keepalives_idle": 1,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 2,
    "tcp_user_timeout": 3000,
}


def worker_name() -> str:
    """Return the worker's name in its heartbeat: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


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
            for name, value in OF_THE_SERVER.items():
                self._session.execute("SELECT set_config(%s, %s, false)", [name, str(value)])
            self._session.execute(f"LISTEN {NOTIFY_CHANNEL}")
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

    def end_hung_leader(self) -> None:
        """End the session of a leader without a heartbeat, so that the lock is free."""
        silence = seconds_of_silence()
        if silence is None or silence < HUNG_AFTER:
            return
        ended = self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = 0 AND objid = %s AND objsubid = 1 AND granted",
            [LOCK],
        )
        if ended.fetchone():
            logger.warning("The leading worker has no heartbeat; its lead is ended.")

    def resign(self) -> None:
        self.leads = False
        if self._session is not None:
            with suppress(psycopg.Error):
                self._session.close()
            self._session = None


def beat() -> None:
    """Write the leader's heartbeat, by the database's clock: that of another host may differ."""
    values = {"name": worker_name(), "beat_at": Now()}
    if not Worker.objects.filter(pk=SINGLETON_ID).update(**values):
        Worker.objects.get_or_create(pk=SINGLETON_ID, defaults=values)


def seconds_of_silence() -> float | None:
    """Return the seconds since the last heartbeat; None without one."""
    workers = Worker.objects.filter(pk=SINGLETON_ID, beat_at__isnull=False)
    silence = workers.annotate(silence=Now() - F("beat_at")).values_list("silence", flat=True)
    return next((passed.total_seconds() for passed in silence), None)
