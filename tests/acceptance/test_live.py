"""The WebSocket, with commands and restarts."""

from __future__ import annotations

import websocket

from stack.cli.runner import Runner
from stack.core.polling import wait_until
from tests.support.panel import Panel


def test_a_change_by_a_command_reaches_a_socket(panel: Panel, runner: Runner) -> None:
    socket = panel.socket()
    socket.wait_for_state("disarmed")
    assert runner.in_app("python", "manage.py", "alarm", "arm-away") == 0
    socket.wait_for_state("arming")
    socket.wait_for_state("armed_away")  # by the worker, when the exit delay is over


def test_a_socket_can_reconnect_after_the_backend_restarts(panel: Panel, runner: Runner) -> None:
    socket = panel.socket()
    socket.wait_for_state("disarmed")
    runner.restart("daphne")
    assert socket.is_closed_by_server()

    def reconnected() -> bool:
        return bool(panel.socket().wait_for("snapshot")["alarm"]["state"] == "disarmed")

    errors = (websocket.WebSocketException, OSError)
    assert wait_until("a new connection", reconnected, seconds=30, ignoring=errors)
