"""The app as deployed: two Daphne processes, one database, and real clients."""

import datetime as dt
import json
import os
import re
import shutil
import socket
import time
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from alarm import changes
from people.sessions import open_for
from tests.actions import CSRF_COOKIE, SESSION_COOKIE
from tests.conftest import command, finish, until

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


DAPHNE = ("--access-log", "/dev/null")
"""How docker/prod/supervisord.conf starts it."""


def program(name: str) -> str:
    """Return the path of a script of the container: in the checkout, or in the container."""
    checkout = Path(__file__).parents[2] / "docker" / "prod" / "bin"
    return str(shutil.which(name, path=f"{checkout}{os.pathsep}{os.environ['PATH']}"))


@pytest.fixture
def servers(same_database):
    """The ports of two processes; their logs must not hold a traceback."""
    ports = [free_port(), free_port()]
    processes = [
        command(
            *(program("run-daphne"), str(port), *DAPHNE, "config.asgi:application"),
            env=same_database,
        )
        for port in ports
    ]
    try:
        for port in ports:
            until(lambda port=port: is_live(port), what="the server to answer")
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


@pytest.fixture
def cookies(admin) -> dict[str, str]:
    """The cookies of a browser that is logged in."""
    return {SESSION_COOKIE: open_for(admin, dt.timedelta(days=1)), CSRF_COOKIE: "a" * 32}


def headers(cookies: dict[str, str]) -> dict[str, str]:
    joined = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": joined, "X-CSRFToken": cookies[CSRF_COOKIE]}


def ask(port: int, path: str, cookies: dict[str, str], body: dict | None = None) -> dict:
    """Return the answer to a request, a POST where there is a body."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **headers(cookies)},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def test_a_change_through_one_process_reaches_the_sockets_of_both(servers, cookies):
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(
                connect(f"ws://127.0.0.1:{port}/ws/alarm/", additional_headers=headers(cookies))
            )
            for port in servers
        ]
        for client in sockets:
            assert json.loads(client.recv(20))["alarm"]["state"] == "disarmed"
        state = ask(servers[0], "alarm/arm/", cookies, {"mode": "away"})
        newest = state.pop("sequence")
        for client in sockets:
            stored = [json.loads(client.recv(20)) for _ in range(2)]
            assert [message["sequence"] for message in stored] == [newest - 1, newest]
            assert stored[-1]["data"] == state


def test_a_foreign_origin_is_refused_and_a_bad_message_ends_the_socket(servers, cookies):
    url = f"ws://127.0.0.1:{servers[0]}/ws/"
    for path, origin in [("alarm/", "http://evil.example"), ("nothing/", None)]:
        with pytest.raises(InvalidStatus) as refused, connect(url + path, origin=origin):
            pass
        assert refused.value.response.status_code == 403
    with connect(url + "alarm/") as client:
        assert json.loads(client.recv(20))["code"] == 4401
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(20)
        assert closed.value.rcvd.code == 4401
    with connect(url + "alarm/", additional_headers=headers(cookies)) as client:
        client.recv(20)
        with suppress(ConnectionClosed):
            for _ in range(20):
                client.send("nonsense")
        assert json.loads(client.recv(20))["type"] == "error"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(20)
        assert closed.value.rcvd.code == 4400


def test_many_cookies_of_other_applications_on_the_host_do_not_lock_anybody_out(servers, cookies):
    others = {f"other{number}": "x" * 3000 for number in range(18)}
    assert ask(servers[0], "session/", others | cookies)["person"]["username"] == "anna"
    url = f"ws://127.0.0.1:{servers[0]}/ws/alarm/"
    with connect(url, additional_headers=headers(others | cookies)) as client:
        assert json.loads(client.recv(20))["alarm"]["state"] == "disarmed"


def test_a_text_that_is_not_utf_8_ends_its_socket_without_a_traceback(servers, cookies):
    url = f"ws://127.0.0.1:{servers[0]}/ws/alarm/"
    with connect(url, additional_headers=headers(cookies)) as client:
        client.recv(20)
        client.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed):
            client.recv(20)


def test_a_malformed_handshake_is_answered_without_a_traceback(servers):
    lines = ["POST /ws/alarm/ HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket"]
    lines += [f"Host: 127.0.0.1:{servers[0]}", *(f"X-{n}: {n}" for n in range(200)), "", ""]
    with socket.create_connection(("127.0.0.1", servers[0]), timeout=20) as client:
        client.sendall("\r\n".join(lines).encode())
        assert re.match(rb"HTTP/1\.1 4\d\d ", client.recv(4096))


def test_a_client_that_does_not_read_takes_no_memory_of_the_server(servers, cookies):
    """It is disconnected after 1 MiB, and others receive every change meanwhile."""
    own = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    own += [f"Host: 127.0.0.1:{servers[0]}", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
    own += [f"{name}: {value}" for name, value in headers(cookies).items()]
    url = f"ws://127.0.0.1:{servers[0]}/ws/alarm/"
    with (
        socket.socket() as deaf,
        connect(url, additional_headers=headers(cookies), max_size=None) as client,
    ):
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", servers[0]))
        deaf.sendall("\r\n".join(["GET /ws/alarm/ HTTP/1.1", *own, "", ""]).encode())
        assert deaf.recv(12) == b"HTTP/1.1 101"  # it reads nothing more
        client.recv(20)
        for _ in range(60):
            newest = changes.announce("settings", {"text": "x" * 50_000})
            while (message := json.loads(client.recv(20))).get("sequence") != newest:
                client.send('{"type":"pong"}')
            assert message["data"]["text"][0] == "x"
        until(lambda: not is_open(deaf), what="the deaf one to be cut off")


def is_open(deaf: socket.socket) -> bool:
    """Return whether the server still has this connection, without reading from it."""
    local = deaf.getsockname()
    peer = f"{socket.ntohl(int.from_bytes(socket.inet_aton(local[0]))):08X}:{local[1]:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = "01"
    return any(row[2] == peer and row[3] == established for row in rows)


COUNTS = """\
import json
from twisted.internet import reactor, tcp

async def application(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        if scope["path"] == "/fails":
            raise ValueError("as asked")
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": message["text"]})
    elif scope["type"] == "http":
        port = next(each for each in reactor.getReaders() if isinstance(each, tcp.Port))
        body = json.dumps(len(port.factory.server.connections)).encode()
        await send({"type": "http.response.start", "status": 200})
        if scope["path"] == "/breaks":
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise ValueError("as asked")
        await send({"type": "http.response.body", "body": body})
"""


def test_daphne_forgets_connections_that_have_ended(tmp_path):
    (tmp_path / "counts.py").write_text(COUNTS)
    port = free_port()
    process = command(
        *(program("run-daphne"), str(port), *DAPHNE, "counts:application"),
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )

    def open_connections() -> int:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/") as stored:
            return json.load(stored)
        return 0

    url = f"ws://127.0.0.1:{port}"
    try:
        until(open_connections, what="the server to answer")
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(connect(url + "/stays"))
                with pytest.raises(InvalidStatus), connect(url + "/fails"):
                    pass
            # A response that stops midway affects no other connection; Nginx cuts it.
            stays = stack.enter_context(connect(url + "/stays"))
            for _ in range(3):
                broken = urllib.request.urlopen(f"http://127.0.0.1:{port}/breaks", timeout=1)
                with pytest.raises(TimeoutError), broken:
                    broken.read()
                time.sleep(1.2)  # Daphne looks at what has ended once a second
                stays.send("still there?")
                assert stays.recv(5) == "still there?"
            until(lambda: open_connections() == 5, what="the failed to be forgotten")
        until(lambda: open_connections() == 1, what="all but this one to be forgotten")
    finally:
        process.terminate()
        log = finish(process)
    assert log.count("ValueError: as asked") == 6, log
    assert "already been started" not in log, log
