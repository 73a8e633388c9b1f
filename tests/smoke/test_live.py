"""Changes reach every browser, whichever process made them."""

from __future__ import annotations

import pytest
import websocket

from stack.cli.runner import Runner
from stack.core.polling import wait_until
from tests.smoke.panel import Panel


def test_the_first_message_is_a_snapshot(panel: Panel) -> None:
    message = panel.socket().next_message()
    assert message["type"] == "snapshot"
    assert message["alarm"]["state"] == "disarmed"


def test_a_stranger_is_shown_out(panel: Panel) -> None:
    assert panel.stranger().socket().close_code() == 4401


def test_what_was_missed_is_told_again(panel: Panel) -> None:
    socket = panel.socket()
    before = socket.wait_for("snapshot")["sequence"]
    panel.arm("away")
    told = socket.wait_for_state("arming", "armed_away")
    socket.send({"type": "resume", "since": before})
    assert socket.wait_for_state("arming", "armed_away")["sequence"] == told["sequence"]
    assert socket.wait_for("resumed")["sequence"] >= told["sequence"]


def test_an_unknown_message_is_refused_with_a_code(panel: Panel) -> None:
    socket = panel.socket()
    socket.send({"type": "open the door"})
    assert socket.close_code() == 4400


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
    assert runner.in_app("python", "manage.py", "alarm", "arm-away") == 0
    socket.wait_for_state("arming")
    socket.wait_for_state("armed_away")  # by the worker, when the exit delay is over


def test_ping_is_answered(panel: Panel) -> None:
    socket = panel.socket()
    socket.wait_for_state("disarmed")
    socket.send({"type": "ping"})
    assert socket.wait_for("pong")
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
        return panel.socket().wait_for("snapshot")["alarm"]["state"] == "disarmed"

    errors = (websocket.WebSocketException, OSError)
    assert wait_until("a new connection", reconnected, seconds=30, ignoring=errors)
