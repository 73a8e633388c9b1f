"""Starts and stops the driver of outputs; called by the worker that leads."""

from core.single_thread import SingleThread
from outputs.driver import Driver

_driver = SingleThread(Driver, limit=5.0)
start, stop = _driver.start, _driver.stop
