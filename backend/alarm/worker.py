"""The worker: whoever leads ends delays when their time has come, and keeps MQTT and history.

The deadlines are in the database: a worker that was away catches up, and whoever leads next goes on
where the last one was. That a delay ends once is the lock's doing, not the lead's.
"""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from alarm import leader, retention, services

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 0.5  # seconds; with Redis, a delay begun elsewhere is noticed within this
WAIT_FOR_LEAD = 0.5  # seconds between attempts
RETENTION_PAUSE = 1.0  # seconds between steps of the retention
LAST_WORK = 5.0  # seconds that what runs beside may take to stop

FAULTS = (psycopg.Error, DatabaseError, InterfaceError)


class Beside:
    """What runs beside the timers and must never hold them up: started and stopped in order."""

    def __init__(self, start: Callable[[], None], stop: Callable[[], None]) -> None:
        self._start, self._stop = start, stop
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beside")
        self._is_wanted = False
        self._last: Future[None] | None = None

    def start(self) -> None:
        """Have it started, unless that was done."""
        self._want(True)

    def stop(self) -> None:
        """Have it stopped, unless that was done."""
        self._want(False)

    def end(self) -> None:
        """Have it stopped for good, and wait for that a little."""
        self.stop()
        self._thread.shutdown(wait=False)
        if self._last:
            try:
                self._last.result(LAST_WORK)
            except TimeoutError:
                logger.error("The integrations do not stop.")

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


def run(stop: threading.Event, beside: Beside) -> None:
    """Work until `stop` is set, through any failure of the database."""
    logger.info("The worker is running.")
    candidate = leader.Candidate()
    is_connected = True
    try:
        while not stop.is_set():
            try:
                leads = candidate.try_to_lead()
                if not is_connected:
                    logger.info("The database is back; the worker goes on.")
                    is_connected = True
                if leads:
                    lead(candidate, stop, beside)
                else:
                    candidate.end_hung_leader()
                    stop.wait(WAIT_FOR_LEAD)
            except FAULTS as error:
                beside.stop()
                candidate.resign()
                connection.close()
                if is_connected:
                    logger.error("The worker waits for the database: %s", error)
                    is_connected = False
                stop.wait(WAIT_FOR_LEAD)
    finally:
        beside.end()
        candidate.resign()
        connection.close()
        logger.info("The worker has stopped.")


def lead(candidate: leader.Candidate, stop: threading.Event, beside: Beside) -> None:
    """Do the leader's work until `stop` is set; raises one of FAULTS when the lead is lost."""
    timer = Timer()
    beat_at = retention_at = -leader.BEAT_EVERY
    while not stop.is_set():
        if time.monotonic() - beat_at >= leader.BEAT_EVERY:
            beat_at = time.monotonic()
            leader.beat()
            # After the beat: what it starts reads the database, which has just answered.
            beside.start()
        pause = timer.tick()
        if pause == LONGEST_PAUSE and time.monotonic() - retention_at >= RETENTION_PAUSE:
            retention_at = time.monotonic()
            retention.step_if_due()
        candidate.wait(pause)


class Timer:
    """Ends delays when their time has come.

    The clock is asked once, when a delay is first seen. From then on a steady one counts: an
    intruder must not gain the hour by which the clock is set back meanwhile.
    """

    def __init__(self) -> None:
        self._deadline: dt.datetime | None = None
        self._ends_at = 0.0

    def tick(self) -> float:
        """End the delay that is over; return the seconds until there is reason to look again."""
        delay = services.running_delay()
        if delay is None:
            self._deadline = None
            return LONGEST_PAUSE
        if delay.deadline != self._deadline:
            self._deadline, self._ends_at = delay.deadline, steady_time() + delay.remaining
        remaining = self._ends_at - steady_time()
        if remaining > 0:
            return min(remaining, LONGEST_PAUSE)
        services.end_delay(delay.deadline)
        return 0


def steady_time() -> float:
    """Return seconds of a clock that nobody can set; where there is one, it counts in sleep too."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
