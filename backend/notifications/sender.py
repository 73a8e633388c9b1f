"""The thread of the leading worker that sends what waits in the outbox.

It decides, and stores results. Each attempt has a thread of its own, one for each target at a time:
a service that hangs delays itself only.
"""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from notifications import dispatch, escalation, facts, late_arming, rendering, sending, services
from notifications.attempts import LIMIT, MOST_HANGING, Attempt, Place, too_late
from notifications.failures import Failed
from notifications.models import Channel, Delivery, PushSubscription
from notifications.outbox import enabled_channels

logger = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds between looks into the outbox
SCHEDULE_EVERY = 5.0  # seconds between looks whether something is to be told again
CLEAN_EVERY = 600.0  # seconds
PAUSE = 1.0  # seconds after a failure of the database
MOST_AT_ONCE = 32  # attempts
END_LIMIT = 3.0  # seconds for the running attempts at the end


class Sender(threading.Thread):
    """Runs until `stop`; a missing database only delays it."""

    def __init__(self) -> None:
        super().__init__(name="notifications", daemon=True)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._running: dict[Place, tuple[Delivery, Attempt]] = {}
        self._hanging: list[Attempt] = []
        self._schedule_at = self._clean_at = 0.0  # by the monotonic clock

    def stop(self) -> None:
        """Ask it to end; `join` waits for that."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        is_failing = False
        while not self._stopping.is_set():
            pause = LOOK_EVERY
            try:
                self._step()
                is_failing = False
            except (DatabaseError, InterfaceError) as error:
                level = logging.DEBUG if is_failing else logging.ERROR
                logger.log(level, "Notifications wait for the database: %s", error)
                is_failing, pause = True, PAUSE
            except Exception:
                logger.exception("Notifications failed, going on.")
                pause = PAUSE
            finally:
                connection.close()
            self._wake.wait(pause)
            self._wake.clear()
        self._end()

    def _step(self) -> None:
        """Store what has ended, start what is due, and plan what is to be told again."""
        self._store_results()
        if time.monotonic() >= self._schedule_at:
            self._schedule_at = time.monotonic() + SCHEDULE_EVERY
            if Channel.objects.exists():
                services.load()
            late_arming.tell_if_due()
            escalation.tell_if_due()
        if time.monotonic() >= self._clean_at:
            self._clean_at = time.monotonic() + CLEAN_EVERY
            dispatch.remove_old()
        for row in dispatch.due():
            if row.place not in self._running and len(self._running) < MOST_AT_ONCE:
                self._start(row.pk)

    def _store_results(self) -> None:
        self._hanging = [attempt for attempt in self._hanging if attempt.is_running]
        for place, (row, attempt) in list(self._running.items()):
            # Stored before it is forgotten: a database that is away now must not lose the result.
            if not attempt.is_running:
                dispatch.finish(row, attempt.result())
            elif attempt.is_late():
                dispatch.finish(row, too_late())
                self._hanging.append(attempt)
            else:
                continue
            del self._running[place]

    def _start(self, delivery_id: int) -> None:
        row = dispatch.claim(delivery_id)
        if row is None:
            return
        send = self._call(row)
        if send is None:
            dispatch.drop(row)
        elif sum(attempt.place == row.place for attempt in self._hanging) >= MOST_HANGING:
            dispatch.finish(row, Failed(facts.HANGING(seconds=f"{LIMIT:g}")))
        else:
            self._running[row.place] = row, Attempt(row.place, send, self._wake.set)

    @staticmethod
    def _call(row: Delivery) -> sending.Send | None:
        """Return the call that sends a notification; None if its target is gone or disabled."""
        body = rendering.body(row)
        if row.target_type == "channel":
            channel = enabled_channels().filter(pk=row.target_id).first()
            return sending.to_channel(channel, row.title, body) if channel else None
        browser = PushSubscription.objects.filter(pk=row.target_id, person__is_active=True).first()
        return sending.to_browser(browser, row.kind, row.title, body) if browser else None

    def _end(self) -> None:
        """Store what ends shortly; the next worker sends the others again."""
        end = time.monotonic() + END_LIMIT
        try:
            for row, attempt in self._running.values():
                if attempt.wait(max(0.0, end - time.monotonic())):
                    dispatch.finish(row, attempt.result())
                else:
                    dispatch.release(row)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Notifications may be sent twice: %s", error)
        finally:
            connection.close()
