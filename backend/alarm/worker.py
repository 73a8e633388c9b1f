"""The worker: the leading one ends delays and heartbeats, runs integrations, removes old history.

The deadlines are in the database: a worker that was away catches up, and the next leader continues
the work of the last. The alarm's lock, not the lead, ensures that a delay ends once.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from alarm import clock, leader, retention, services, supervision

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 0.5  # seconds
WAIT_FOR_LEAD = 0.5  # seconds between attempts
RETENTION_PAUSE = 1.0  # seconds between steps of the retention
RETENTION_CHECK = 60.0  # seconds between looks whether it is due
STOP_LIMIT = 5.0  # seconds for the integrations
LEASE_CHECK = 0.25  # seconds between looks whether they may still run

FAULTS = (psycopg.Error, DatabaseError, InterfaceError)


class Integrations:
    """Starts and stops the integrations in order, in a thread that the timers never wait for.

    They run as long as `start` is repeated. A leader that is cut off may wait for its database
    until another one leads, and must not go on meanwhile with what only one may do.
    """

    def __init__(self, start: Callable[[], None], stop: Callable[[], None]) -> None:
        self._start, self._stop = start, stop
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="integrations")
        self._lock = threading.Lock()
        self._is_wanted = False
        self._wanted_at = 0.0
        self._last: Future[None] | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="lease", daemon=True).start()

    def start(self, at: float) -> None:
        """Request their start, unless they run; for leader.LEASE from `at`, by time.monotonic()."""
        with self._lock:
            self._wanted_at = at
            self._want(True)

    def stop(self) -> None:
        """Request their stop, if they run."""
        with self._lock:
            self._want(False)

    def end(self) -> None:
        """Stop them for good, and wait for that at most STOP_LIMIT."""
        self.stop()
        self._ended.set()
        self._thread.shutdown(wait=False)
        if self._last:
            try:
                self._last.result(STOP_LIMIT)
            except TimeoutError:
                logger.error("The integrations do not stop.")

    def _watch(self) -> None:
        while not self._ended.wait(LEASE_CHECK):
            with self._lock:
                if self._is_wanted and time.monotonic() - self._wanted_at > leader.LEASE:
                    logger.warning("No sign of life was possible: the integrations stop.")
                    self._want(False)

    def _want(self, wanted: bool) -> None:
        if wanted is not self._is_wanted:
            self._is_wanted = wanted
            self._last = self._thread.submit(self._run, self._start if wanted else self._stop)

    @staticmethod
    def _run(function: Callable[[], None]) -> None:
        try:
            function()
        except Exception:
            logger.exception("An integration failed.")


def run(stop: threading.Event, integrations: Integrations) -> None:
    """Work until `stop` is set, through any failure of the database."""
    logger.info("The worker is running.")
    candidate = leader.Candidate()
    is_connected = True
    try:
        while not stop.is_set():
            try:
                leads = candidate.try_to_lead()
                if not is_connected:
                    logger.info("The database answers again; the worker continues.")
                    is_connected = True
                if leads:
                    lead(candidate, stop, integrations)
                else:
                    candidate.end_hung_leader()
                    stop.wait(WAIT_FOR_LEAD)
            except FAULTS as error:
                integrations.stop()
                candidate.resign()
                connection.close()
                if is_connected:
                    logger.error("The worker waits for the database: %s", error)
                    is_connected = False
                stop.wait(WAIT_FOR_LEAD)
    finally:
        integrations.end()
        candidate.resign()
        connection.close()
        logger.info("The worker has stopped.")


def lead(candidate: leader.Candidate, stop: threading.Event, integrations: Integrations) -> None:
    """Do the leader's work until `stop` is set; raises one of FAULTS when the lead is lost."""
    timer, contacts = Timer(), supervision.Supervision()
    beat_at = retention_at = float("-inf")
    while not stop.is_set():
        if time.monotonic() - beat_at >= leader.BEAT_EVERY:
            beat_at = time.monotonic()
            candidate.beat()
            # After the beat: the integrations read the database, which has just answered.
            # From before it: PostgreSQL may have counted from then on, however late it answered.
            integrations.start(beat_at)
        pause = timer.tick()
        if pause == LONGEST_PAUSE:
            contacts.tick()
        if pause == LONGEST_PAUSE and time.monotonic() >= retention_at:
            is_more_due = retention.step_if_due()
            retention_at = time.monotonic() + (RETENTION_PAUSE if is_more_due else RETENTION_CHECK)
        candidate.wait(pause)


class Timer:
    """Ends delays when their time has come.

    The clock is read once, when a delay is first seen. From then on a steady clock counts: setting
    the system's clock back must not lengthen a delay.
    """

    def __init__(self) -> None:
        self._deadline: dt.datetime | None = None
        self._ends_at = 0.0

    def tick(self) -> float:
        """End the delay that is over; return the seconds until the next call."""
        delay = services.running_delay()
        if delay is None:
            self._deadline = None
            return LONGEST_PAUSE
        if delay.deadline != self._deadline:
            self._deadline, self._ends_at = delay.deadline, clock.steady_time() + delay.remaining
        remaining = self._ends_at - clock.steady_time()
        if remaining > 0:
            return min(remaining, LONGEST_PAUSE)
        services.end_delay(delay.deadline)
        return 0
