"""Starts and stops the sender; called by the worker that leads."""

import threading

from notifications.sender import Sender

STOP_LIMIT = 4.0  # seconds; what hangs longer ends with the process

_lock = threading.Lock()
_sender: Sender | None = None


def start() -> None:
    """Start the sender in a thread of its own, unless it runs; return at once."""
    global _sender
    with _lock:
        if _sender is None or not _sender.is_alive():
            _sender = Sender()
            _sender.start()


def stop() -> None:
    """End the sender and wait for that, at most STOP_LIMIT."""
    global _sender
    with _lock:
        if _sender is not None:
            _sender.stop()
            _sender.join(STOP_LIMIT)
            _sender = None
