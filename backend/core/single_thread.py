"""A thread of which at most one runs, which the leading worker starts and stops."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Stoppable(Protocol):
    """A thread that can be asked to end."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...
    def is_alive(self) -> bool: ...


Thread = TypeVar("Thread", bound=Stoppable)


class SingleThread(Generic[Thread]):
    """Makes a thread with `make`; one that hangs longer than `limit` seconds is left behind."""

    def __init__(self, make: Callable[[], Thread], limit: float) -> None:
        self._make, self._limit = make, limit
        self._lock = threading.Lock()
        self.current: Thread | None = None

    def start(self) -> None:
        """Start it, unless it runs; return at once."""
        with self._lock:
            if self.current is None or not self.current.is_alive():
                self.current = self._make()
                self.current.start()

    def stop(self) -> None:
        """End it, and wait for that at most `limit`."""
        with self._lock:
            if self.current is not None:
                self.current.stop()
                self.current.join(self._limit)
                self.current = None
