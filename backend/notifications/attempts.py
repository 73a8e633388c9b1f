"""Attempts to send, each in a thread of its own with a time limit, so that none delays another.

A service can hang for ever, and a thread cannot be ended from outside. So a thread that takes too
long is left alone, and counted: a target that has several of them gets no further one.
"""

import logging
import threading
import time
from collections.abc import Callable

from notifications import facts
from notifications.failures import Failed, Gone, Refused

logger = logging.getLogger(__name__)

LIMIT = 15.0  # seconds for one attempt
MOST_HANGING = 3  # of one target

Place = tuple[str, int]  # the type and the id of a target
Result = Failed | Gone | Refused | None


class Attempt:
    """One attempt: a daemon thread, so that a hanging one does not keep the process alive."""

    def __init__(self, place: Place, send: Callable[[], None], done: Callable[[], None]) -> None:
        """`done` is called at the end, in the attempt's thread."""
        self.place = place
        self.began_at = time.monotonic()
        self._send, self._done = send, done
        self._result: Result = None
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="notification", daemon=True).start()

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set()

    def result(self) -> Result:
        """Return why it failed, or None if it was sent; only for one that has ended."""
        return self._result

    def is_late(self) -> bool:
        return time.monotonic() - self.began_at > LIMIT

    def wait(self, seconds: float) -> bool:
        """Wait for its end; return whether it has ended."""
        return self._ended.wait(seconds)

    def _run(self) -> None:
        try:
            self._send()
        except (Failed, Gone, Refused) as error:
            self._result = error
        except Exception as error:
            # Only its type: the text of a library's exception may hold the URL.
            logger.error("A notification failed: %s.", type(error).__name__)
            self._result = Failed(facts.DEFECT(error=type(error).__name__))
        finally:
            self._ended.set()
            self._done()


def too_late() -> Failed:
    return Failed(facts.TOO_LATE(seconds=f"{LIMIT:g}"))
