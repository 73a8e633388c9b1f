"""Starts and stops the bridge to the broker; called by the worker that leads."""

from core.single_thread import SingleThread
from integrations.mqtt.announcer import Announcer
from integrations.mqtt.bridge import Bridge
from integrations.mqtt.discovered import DiscoveredSensors
from integrations.mqtt.extension import Extension
from integrations.mqtt.imported import ImportedSensors

EXTENSIONS: list[type[Extension]] = [Announcer, DiscoveredSensors, ImportedSensors]
"""What each bridge has beside the alarm; made anew for each."""

_bridge = SingleThread(lambda: Bridge([make() for make in EXTENSIONS]), limit=5.0)
start, stop = _bridge.start, _bridge.stop


def wake() -> None:
    """Let the bridge look at once whether there is something to do."""
    if bridge := _bridge.current:
        bridge.wake()
