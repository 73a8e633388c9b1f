"""Changes reach every browser, whichever process made them."""

from __future__ import annotations

import pytest
import websocket

from stack.runner import Runner
from stack.waiting import wait_until
from tests.smoke.panel import Panel


def test_the_first_message_is_the_state(panel: Panel) -> None:
    message = panel.socket().next_message()
    assert message["type"] == "state"
    assert message["state"] == "disarmed"


def test_a_change_over_http_arrives_on_two_sockets(panel: Panel) -> None:
    sockets = [panel.socket(), panel.socket()]
    for socket in sockets:
        socket.wait_for_state("disarmed")
    panel.arm("away")
    for socket in sockets:
        socket.wait_for_state("arming", "armed_away")


def test_a_change_arrives_on_sockets_of_every_process(panel: Panel) -> None:
    """The front spreads connections over the processes; ten sockets meet them all."""
    sockets = [panel.socket() for _ in range(10)]
    for socket in sockets:
        socket.wait_for_state("disarmed")
    panel.arm("home")
    sequences = {socket.wait_for_state("arming", "armed_home")["sequence"] for socket in sockets}
    assert len(sequences) == 1


@pytest.mark.own_stack
def test_a_change_by_a_command_arrives(panel: Panel, runner: Runner) -> None:
    socket = panel.socket()
    socket.wait_for_state("disarmed")
    assert runner.in_app("python", "manage.py", "alarm", "arm", "away") == 0
    socket.wait_for_state("arming")
    socket.wait_for_state("armed_away")  # by the worker, when the exit delay is over


def test_ping_is_answered(panel: Panel) -> None:
    socket = panel.socket()
    socket.wait_for_state("disarmed")
    socket.send({"type": "ping"})
    assert socket.next_message()["type"] == "pong"
    socket.connection.ping("still there?")
    socket.connection.settimeout(10)
    frame = socket.connection.recv_frame()
    assert (frame.opcode, frame.data) == (websocket.ABNF.OPCODE_PONG, b"still there?")


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://localhost:1", "null"])
def test_a_foreign_origin_is_refused(panel: Panel, origin: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        panel.socket(origin=origin)
    assert refused.value.status_code == 403


@pytest.mark.own_stack
def test_a_socket_can_reconnect_after_the_backend_restarts(panel: Panel, runner: Runner) -> None:
    socket = panel.socket()
    socket.wait_for_state("disarmed")
    runner.restart("daphne")
    assert socket.is_closed_by_server()

    def reconnected() -> bool:
        return panel.socket().next_message()["state"] == "disarmed"

    errors = (websocket.WebSocketException, OSError)
    assert wait_until("a new connection", reconnected, seconds=30, ignoring=errors)
