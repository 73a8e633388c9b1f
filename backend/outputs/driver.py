"""The thread that makes outputs do what the database says they have to.

Each look reads everything anew, so a worker continues where another was killed. A command is stored
as sent before it is sent: the next worker then waits for the report, and does not repeat the
command at once. It is repeated until the output has confirmed it, with the seconds that are left,
so that a repetition prolongs nothing.
"""

import logging
import math
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from alarm import changes, services
from alarm.clock import steady_time
from broadcast.listener import Listener
from outputs import plan, reports, soundings, webhook
from outputs.countdowns import Countdowns
from outputs.mailbox import Letter, mailbox
from outputs.management import MOST_OUTPUTS
from outputs.models import Command, Fault, Output, OutputKind

logger = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds; finds changes whose announcement was lost
FAILS_AFTER = 5.0  # seconds in which a command has to be confirmed
PAUSE = 1.0  # seconds after a failure of the database

Sent = tuple[Output, "Future[Fault | None]"]


class Driver(threading.Thread):
    """Runs until `stop`; a missing database only delays it."""

    def __init__(self) -> None:
        super().__init__(name="outputs", daemon=True)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._countdowns = Countdowns()
        self._requests: dict[int, Sent] = {}  # under way; one for each output
        self._threads = ThreadPoolExecutor(MOST_OUTPUTS, thread_name_prefix="webhook")
        self._tried: dict[int, tuple[Command, float]] = {}  # a command, and since when
        self._faults: dict[int, Fault] = {}

    def stop(self) -> None:
        """Ask it to end; `join` waits for that."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Look until `stop`, whatever fails."""
        listener = Listener("outputs", changes.GROUP, self._wake.set)
        listener.start()
        mailbox.opened = self._wake.set
        is_failing = has_followed = False
        while not self._stopping.is_set():
            pause = PAUSE
            try:
                if not has_followed:
                    self._follow()
                    has_followed = True
                pause = self._look()
                is_failing = False
            except (DatabaseError, InterfaceError) as error:
                level = logging.DEBUG if is_failing else logging.ERROR
                logger.log(level, "Outputs wait for the database: %s", error)
                is_failing = True
            except Exception:
                logger.exception("Outputs failed, starting them again.")
            finally:
                connection.close()
            if pause > 0:
                self._wake.wait(pause)
                self._wake.clear()
        listener.stop()
        self._end()

    def _end(self) -> None:
        """Store the answers to requests that are under way, so that none is sent again."""
        wait([future for _, future in self._requests.values()], webhook.LIMIT / 2)
        try:
            self._settle()
        except (DatabaseError, InterfaceError) as error:
            logger.info("The last answers of outputs are not stored: %s", error)
        finally:
            connection.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    @transaction.atomic
    def _follow() -> None:
        """Follow the alarm as it is now: after a restore, its last change was not announced."""
        soundings.follow(changes.locked_alarm())

    # --- One look -------------------------------------------------------------------------------

    def _look(self) -> float:
        """Send what is due; return the seconds until the next look, 0 for at once."""
        self._settle()
        self._countdowns.begin_look()
        outputs = list(Output.objects.all())
        if any(output.causes for output in outputs) and not services.current().siren:
            self._follow()
            return 0.0
        return min([LOOK_EVERY, *(self._drive(output) for output in outputs)])

    def _drive(self, output: Output) -> float:
        """Send what is due to one output; return the seconds until it is to be looked at again."""
        key = output.pk
        remaining = self._countdowns.remaining((key, "tone"), output.started_at, output.seconds)
        if output.tone and remaining <= 0:
            same = Output.objects.filter(pk=key, started_at=output.started_at)
            same.update(tone="")  # so that no clock begins it again
            return 0.0
        others = None
        if plan.is_switched_on_by_others(output):
            others = self._countdowns.remaining((key, "others"), output.reported_at, output.cut_off)
        command = plan.command(output, remaining, others)
        if command is not None:
            return self._pursue(output, command, remaining)
        self._tried.pop(key, None)
        self._faults.pop(key, None)
        return min(remaining if output.tone else LOOK_EVERY, others or LOOK_EVERY)

    def _pursue(self, output: Output, command: Command, remaining: float) -> float:
        """Send a command when its time has come, and store a fault if it takes too long."""
        key, now = output.pk, steady_time()
        if self._tried.get(key, (None, 0.0))[0] is not command:
            self._tried[key] = (command, now)
            self._faults.pop(key, None)
        failing_in = self._tried[key][1] + FAILS_AFTER - now
        if failing_in <= 0:
            reports.fail(key, self._faults.get(key, Fault.NO_ANSWER))
            failing_in = LOOK_EVERY
        if key in self._requests:
            return failing_in  # its end wakes this thread
        pause = plan.pause(output, command)
        left = self._countdowns.remaining((key, "pause"), output.sent_at, pause) if pause else 0.0
        if left > 0:
            return min(left, failing_in)
        if output.kind == OutputKind.MQTT and not mailbox.is_open:
            self._faults[key] = Fault.NOT_CONNECTED
            return failing_in  # the next connection wakes this thread
        if self._claim(output, command):
            self._send(output, command, remaining)
        return 0.0

    @staticmethod
    def _claim(output: Output, command: Command) -> bool:
        """Store that a command is being sent; False if the output has changed meanwhile.

        Of two workers that send, only one succeeds.
        """
        names = ("tone", "started_at", "enabled", "sent", "sent_at", "is_confirmed", "reported")
        as_read = {
            f"{name}__isnull" if getattr(output, name) is None else name: (
                getattr(output, name) is None or getattr(output, name)
            )
            for name in names
        }
        fields = {
            "attempts": output.attempts + 1 if plan.is_sent(output, command) else 1,
            "sent": command.value,
            "sent_at": timezone.now(),
            "sent_for": output.started_at,
            "sent_tone": output.tone,
            "is_confirmed": False,
        }
        if not Output.objects.filter(pk=output.pk, **as_read).update(**fields):
            return False
        for name, value in fields.items():
            setattr(output, name, value)
        return True

    # --- Sending, and the answers ---------------------------------------------------------------

    def _send(self, output: Output, command: Command, remaining: float) -> None:
        logger.info("“%s” is switched %s.", output.name, command)
        content = message(output, command, remaining)
        if output.kind == OutputKind.MQTT:
            self._faults[output.pk] = Fault.NO_ANSWER
            seconds = math.ceil(plan.pause(output, command))
            mailbox.put(Letter(output.pk, content, seconds))
            return
        future = self._threads.submit(webhook.send, output, command, content)
        self._requests[output.pk] = (output, future)
        future.add_done_callback(lambda done: self._wake.set())

    def _settle(self) -> None:
        """Store the answers to requests that have ended."""
        for key, (output, future) in list(self._requests.items()):
            if not future.done():
                continue
            error = future.exception()
            if error:
                logger.error("A webhook failed.", exc_info=error)
            fault = Fault.UNREACHABLE if error else future.result()
            if fault is None:
                reports.confirm(output)
            else:
                self._faults[key] = fault
            del self._requests[key]


def message(output: Output, command: Command, remaining: float) -> dict[str, Any]:
    """Return a command as it is sent; `duration` (whole seconds) lets the output end by itself."""
    if command is Command.OFF:
        return {"state": "OFF"}
    return {
        "state": "ON",
        "tone": output.tone,
        "duration": max(1, math.ceil(remaining)),
        "strobe": output.strobe,
    }
