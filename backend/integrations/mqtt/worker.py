"""Starts and stops the bridge to the broker; called by the worker that leads."""

import threading

from integrations.mqtt.bridge import Bridge
from integrations.mqtt.discovered import DiscoveredSensors
from integrations.mqtt.extension import Extension
from integrations.mqtt.imported import ImportedSensors

STOP_LIMIT = 5.0  # seconds; what hangs longer ends with the process

EXTENSIONS: list[type[Extension]] = [DiscoveredSensors, ImportedSensors]
"""What each bridge has beside the alarm; made anew for each."""

_lock = threading.Lock()
_bridge: Bridge | None = None


def start() -> None:
    """Start the bridge in a thread of its own, unless it runs; return at once."""
    global _bridge
    with _lock:
        if _bridge is None or not _bridge.is_alive():
            _bridge = Bridge([make() for make in EXTENSIONS])
            _bridge.start()


def wake() -> None:
    """Let the bridge look at once whether there is something to do."""
    with _lock:
        if _bridge is not None:
            _bridge.wake()


def stop() -> None:
    """End the bridge and wait for that, at most STOP_LIMIT."""
    global _bridge
    with _lock:
        if _bridge is not None:
            _bridge.stop()
            _bridge.join(STOP_LIMIT)
            _bridge = None
