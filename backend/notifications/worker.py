"""Starts and stops the sender; called by the worker that leads."""

from core.single_thread import SingleThread
from notifications.sender import Sender

_sender = SingleThread(Sender, limit=4.0)
start, stop = _sender.start, _sender.stop
