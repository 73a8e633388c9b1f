"""The WebSocket: changes reach every browser."""

from __future__ import annotations

import pytest
import websocket

from tests.support.panel import Panel


def test_the_first_message_is_a_snapshot(panel: Panel) -> None:
    message = panel.socket().next_message()
    assert message["type"] == "snapshot"
    assert message["alarm"]["state"] == "disarmed"


def test_an_anonymous_socket_is_closed(panel: Panel) -> None:
    assert panel.anonymous().socket().close_code() == 4401


def test_missed_changes_are_sent_again(panel: Panel) -> None:
    socket = panel.socket()
    before = socket.wait_for("snapshot")["sequence"]
    panel.arm("away")
    change = socket.wait_for_state("arming", "armed_away")
    socket.send({"type": "resume", "since": before})
    assert socket.wait_for_state("arming", "armed_away")["sequence"] == change["sequence"]
    assert socket.wait_for("resumed")["sequence"] >= change["sequence"]


def test_an_unknown_message_is_refused_with_a_code(panel: Panel) -> None:
    socket = panel.socket()
    socket.send({"type": "open the door"})
    assert socket.close_code() == 4400


def test_a_change_over_http_reaches_two_sockets(panel: Panel) -> None:
    sockets = [panel.socket(), panel.socket()]
    for socket in sockets:
        socket.wait_for_state("disarmed")
    panel.arm("away")
    for socket in sockets:
        socket.wait_for_state("arming", "armed_away")


def test_a_change_reaches_the_sockets_of_every_process(panel: Panel) -> None:
    """Nginx spreads connections over the processes; ten sockets reach all of them."""
    sockets = [panel.socket() for _ in range(10)]
    for socket in sockets:
        socket.wait_for_state("disarmed")
    panel.arm("home")
    sequences = {socket.wait_for_state("arming", "armed_home")["sequence"] for socket in sockets}
    assert len(sequences) == 1


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
