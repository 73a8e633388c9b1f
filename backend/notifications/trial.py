"""The test of a channel or a browser: one attempt, limited in time and number."""

import threading
from collections.abc import Callable

from core.problems import Problem
from notifications import facts
from notifications.attempts import LIMIT, Attempt, Place, too_late
from notifications.words import language_of, said_in
from people.models import Person

AT_ONCE = 4  # in one process; one that hangs counts until it ends

_free = threading.Semaphore(AT_ONCE)


def words(person: Person | None) -> tuple[str, str]:
    """Return title and text of the test, in the language of whom it goes to."""
    language = language_of(person)
    return said_in(language, facts.TEST_TITLE), said_in(language, facts.TEST)


def result(place: Place, send: Callable[[], None]) -> dict[str, object]:
    """Call `send`; return `{"ok", "detail"}` within the time limit of an attempt."""
    if not _free.acquire(blocking=False):
        raise Problem(429, "throttled", "Other tests are running: try again shortly.", wait=5)
    attempt = Attempt(place, send, _free.release)
    error = attempt.result() if attempt.wait(LIMIT) else too_late()
    return {"ok": error is None, "detail": str(error or "The test message was sent.")}
