"""Starts and stops the driver of outputs; called by the worker that leads."""

import threading

from outputs.driver import Driver

STOP_LIMIT = 5.0  # seconds; what hangs longer ends with the process

_lock = threading.Lock()
_driver: Driver | None = None


def start() -> None:
    """Start the driver in a thread of its own, unless it runs; return at once."""
    global _driver
    with _lock:
        if _driver is None or not _driver.is_alive():
            _driver = Driver()
            _driver.start()


def stop() -> None:
    """End the driver and wait for that, at most STOP_LIMIT."""
    global _driver
    with _lock:
        if _driver is not None:
            _driver.stop()
            _driver.join(STOP_LIMIT)
            _driver = None
