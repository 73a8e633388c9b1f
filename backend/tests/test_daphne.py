"""The app as it is deployed: two Daphne processes, one database, and a client of flesh and wire."""

import json
import socket
import urllib.request
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.conftest import command, finish, until

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def servers(same_database):
    """The ports of two Daphne processes; their logs must not hold a traceback."""
    ports = [free_port(), free_port()]
    arguments = ["-m", "daphne", "-b", "127.0.0.1", "config.asgi:application", "-p"]
    processes = [command(*arguments, str(port), env=same_database) for port in ports]
    try:
        for port in ports:
            until(lambda port=port: is_live(port), what="Daphne to answer")
        yield ports
    finally:
        for process in processes:
            process.terminate()
        logs = [finish(process) for process in processes]
    for log in logs:
        assert "Traceback" not in log, log


def is_live(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health/live/", timeout=1) as live:
            return live.status == 200
    except OSError:
        return False


def test_a_change_through_one_process_reaches_the_sockets_of_both(servers):
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(connect(f"ws://127.0.0.1:{port}/ws/alarm/")) for port in servers
        ]
        for client in sockets:
            assert json.loads(client.recv(20))["state"] == "disarmed"
        request = urllib.request.Request(
            f"http://127.0.0.1:{servers[0]}/api/alarm/arm/",
            data=b'{"mode": "away"}',
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            state = json.load(response)
        for client in sockets:
            assert json.loads(client.recv(20)) == {"type": "state", **state}


def test_strangers_are_refused_and_nonsense_is_cut_off(servers):
    url = f"ws://127.0.0.1:{servers[0]}/ws/"
    for path, origin in [("alarm/", "http://evil.example"), ("nothing/", None)]:
        with pytest.raises(InvalidStatus) as refused, connect(url + path, origin=origin):
            pass
        assert refused.value.response.status_code == 403
    with connect(url + "alarm/") as client:
        client.recv(20)
        with suppress(ConnectionClosed):
            for _ in range(20):
                client.send("nonsense")
        assert json.loads(client.recv(20))["type"] == "error"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(20)
        assert closed.value.rcvd.code == 4400
