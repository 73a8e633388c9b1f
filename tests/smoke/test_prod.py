"""Promises of production only: caching, compression, nothing of development."""

from __future__ import annotations

import contextlib
import gzip
import json
import signal
import socket

import pytest
import requests

from stack.compose import lifecycle
from stack.compose.exec import in_app, run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.smoke.panel import Panel, assets_of

pytestmark = pytest.mark.mode("prod")


@pytest.fixture
def hashed_assets(panel: Panel) -> list[str]:
    return [path for path in assets_of(panel.get("/").text) if path.startswith("/assets/")]


def test_hashed_assets_are_immutable_with_one_cache_control_header(
    panel: Panel, hashed_assets: list[str]
) -> None:
    assert hashed_assets
    for path in hashed_assets:
        headers = panel.get(path).raw.headers.getlist("Cache-Control")
        assert headers == ["public, max-age=31536000, immutable"], path


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_hashed_assets_come_compressed(
    panel: Panel, hashed_assets: list[str], encoding: str
) -> None:
    plain = {path: len(panel.get(path).content) for path in hashed_assets}
    for path in hashed_assets:
        answer = panel.get(path, headers={"Accept-Encoding": encoding}, stream=True)
        sent = answer.raw.read(decode_content=False)
        assert answer.headers["Content-Encoding"] == encoding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert len(sent) < plain[path] / 2
        if encoding == "gzip":
            assert len(gzip.decompress(sent)) == plain[path]


def test_the_page_itself_is_revalidated(panel: Panel) -> None:
    page = panel.get("/")
    assert page.raw.headers.getlist("Cache-Control") == ["no-cache"]
    again = panel.get("/", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_an_asset_that_is_missing_is_not_kept(panel: Panel) -> None:
    assert "immutable" not in panel.get("/assets/nothing.js").headers.get("Cache-Control", "")


def test_there_are_no_source_maps(panel: Panel, hashed_assets: list[str]) -> None:
    for path in hashed_assets:
        assert "sourceMappingURL" not in panel.get(path).text
        assert panel.get(path + ".map").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/@vite/client", "/src/main.tsx", "/package.json", "/.env", "/__dev/", "/__dev/api/programs"],
)
def test_nothing_of_development_is_served(panel: Panel, path: str) -> None:
    """Such a path is one of the page's own: the app answers, as for any unknown page."""
    assert panel.get(path).text == panel.get("/").text


DEVELOPMENT_TOOLS = {
    *("reload-on-save", "warm_python.py", "breakpoints.py", "run-vite", "run-django"),
    *("install-requirements", "if-changed", "with-ca-bundle", "dev-page", "dev-tools"),
    *("debugpy", "watchfiles", "hypothesis", "pytest", "_pytest", "trustme"),
    *("requirements-dev.txt", "node", "npm", "node_modules", "vite", "git"),
}


@pytest.mark.own_stack
def test_no_development_tool_is_in_the_image(project: Project) -> None:
    """Neither files, by their names, nor a text with the dev page's address, nor logs for it."""
    app = project.containers()["app"]

    def search(*command: str) -> list[str]:
        run = {"entrypoint": list(command), "user": "root", "remove": True}
        return project.client.containers.run(app.image.id, **run).decode().split()

    folders = [f"/{name}" for name in ("app", "etc", "home", "opt", "root", "run", "usr", "venv")]
    paths = [path.split("/") for path in search("find", "/", "-xdev", "-name", "*")]
    names = {path[-1] for path in paths}
    assert {"run-daphne", "supervisord.conf", "daphne"} <= names
    assert names & DEVELOPMENT_TOOLS == set()
    assert ["", "venv", "bin", "pip"] not in paths  # a base image may have its own
    # The search also finds a text that is there.
    texts = ("-e", "/__dev", "-e", "[fcgi-program:daphne]")
    found = ["/etc/supervisord.conf"]
    assert search("grep", "-rIlF", *texts, "/entrypoint.sh", *folders) == found
    assert app.exec_run(["ls", "/run/app/log"]).exit_code != 0


SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


PAGE_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def test_every_kind_of_answer_has_the_security_headers_once(
    panel: Panel, hashed_assets: list[str]
) -> None:
    for path in ("/", hashed_assets[0], "/assets/nothing", "/api/alarm/state/", "/api/nothing/"):
        headers = panel.get(path).raw.headers
        for name, value in SECURITY_HEADERS.items():
            assert headers.getlist(name) == [value], (path, name)
        assert headers.getlist("Server") == ["nginx"], path
    for path in ("/", hashed_assets[0], "/assets/nothing"):
        policy = panel.get(path).raw.headers.getlist("Content-Security-Policy")
        assert policy == [PAGE_POLICY], path


def test_too_large_a_request_is_refused_in_json(panel: Panel) -> None:
    answer = requests.post(panel.url + "/api/alarm/arm/", data=b"x" * 2**21, timeout=10)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize(
    ("request_line", "extra"),
    [
        (b"GET /api/" + b"x" * 40_000 + b" HTTP/1.1", b""),
        (b"TRACE /api/alarm/state/ HTTP/1.1", b""),
        (b"POST /api/alarm/arm/ HTTP/1.1", b"Content-Length: much\r\n"),
        (b"GET /api/alarm/state/ HTTP/1.1", b"X-Long: " + b"x" * 40_000 + b"\r\n"),
    ],
    ids=["long path", "TRACE", "wrong length", "long header"],
)
def test_what_nginx_refuses_is_refused_in_json(
    panel: Panel, project: Project, request_line: bytes, extra: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", project.port), timeout=10) as raw:
        raw.sendall(
            request_line + b"\r\nHost: localhost\r\nConnection: close\r\n" + extra + b"\r\n"
        )
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert json.loads(body)["code"]
    for name, value in SECURITY_HEADERS.items():
        assert head.count(f"\r\n{name}: {value}".encode()) == 1, name


@pytest.mark.own_stack
def test_who_sends_slowly_is_hung_up_on_and_others_are_served(
    panel: Panel, project: Project
) -> None:
    begun = (
        b"GET / HTTP/1.1\r\nHost: local",
        b"POST /api/alarm/arm/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    )
    slow = [socket.create_connection(("127.0.0.1", project.port), timeout=30) for _ in begun]
    for each, part in zip(slow, begun, strict=True):
        each.sendall(part)
    assert panel.get("/").status_code == 200
    for each in slow:
        with each, contextlib.suppress(ConnectionResetError):
            while each.recv(65536):  # nginx.conf: 10 s for a header, 10 s between parts of a body
                pass


@pytest.mark.own_stack
def test_while_the_backend_is_away_the_answer_is_json_and_says_when_to_try_again(
    panel: Panel, project: Project
) -> None:
    app = project.containers()["app"]
    assert app.exec_run(["supervisorctl", "stop", "daphne:*"]).exit_code == 0
    try:
        answer = panel.get("/api/alarm/state/")
    finally:
        app.exec_run(["supervisorctl", "start", "daphne:*"])
    assert answer.status_code == 503
    assert answer.json()["code"] == "backend_unavailable"
    headers = answer.raw.headers
    assert headers.getlist("Retry-After") == ["2"]
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert panel.get("/").status_code == 200


def test_a_redirect_keeps_the_port(panel: Panel) -> None:
    answer = panel.get("/api", allow_redirects=False)
    assert answer.status_code == 200 or answer.headers["Location"] == "/api/"


def test_djangos_own_deployment_check_is_clean(project: Project) -> None:
    check = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert in_app(project, *check) == 0


def test_nothing_can_be_written_but_what_goes_with_the_container(project: Project) -> None:
    app = project.containers()["app"]
    for place in ("/app/backend", "/app/frontend/dist", "/etc", "/venv", "/home/app", "/var/tmp"):
        assert app.exec_run(["touch", f"{place}/written"]).exit_code != 0, place
    assert app.exec_run(["touch", "/tmp/written"]).exit_code == 0


def test_a_command_runs_in_a_container_of_its_own(project: Project) -> None:
    """`docker compose run --rm app COMMAND` runs just that, as the app's user."""
    prepared = lifecycle.prepare(project, tell=False)
    assert run_one_off(prepared, "id", "-u").stdout.strip() == "10001"


@pytest.mark.own_stack
def test_tables_that_nobody_reads_do_not_take_the_memory(panel: Panel, project: Project) -> None:
    """More than the sockets hold: the rest of a table waits in the front until it is read."""
    history = (
        "INSERT INTO alarm_event (at, kind, cause, from_state, to_state, person_name, sensor_name,"
        " source, detail) SELECT now() - n * interval '1 s', 'sensor', 'sensor', '', '', '', '',"
        " repeat('x', 200), repeat('x', 500) FROM generate_series(1, 20000) n"
    )
    psql = ["psql", "--username=alarm", "--dbname=alarm_db", "--command", history]
    assert project.containers()["db"].exec_run(psql).exit_code == 0
    tables = [panel.get("/api/events/export/", stream=True) for _ in range(2)]
    assert [table.status_code for table in tables] == [200, 200]
    refused = panel.get("/api/events/export/", stream=True)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    for table in tables:
        table.close()

    def is_free() -> bool:
        with panel.get("/api/events/export/", stream=True) as table:
            return table.status_code == 200

    assert wait_until("a table's end to be noticed", is_free, seconds=30)


def test_each_server_holds_as_many_sockets_as_the_other(panel: Panel, project: Project) -> None:
    app = project.containers()["app"]
    count = "import pathlib\n"
    count += (
        "rows = [r.split() for r in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]]\n"
    )
    count += "ports = [int(r[1].split(':')[1], 16) for r in rows if r[3] == '01']\n"
    count += "print(*(ports.count(port) for port in (8000, 8100, 8101)))"

    def connections() -> list[int]:
        told = app.exec_run(["python3", "-c", count])
        return [int(number) for number in told.output.split()]

    before = connections()
    sockets = [panel.socket() for _ in range(20)]
    for held in sockets:
        held.wait_for("snapshot")
    shared, *own = [now - then for now, then in zip(connections(), before, strict=True)]
    for held in sockets:
        held.connection.close()
    assert shared == 0
    assert all(number >= 5 for number in own), own


SLOW_TO_BEGIN = """\
rm() { echo begins; sleep 2; }
supervisord() { exec sleep 30; }
export -f rm supervisord
exec container-init
"""


@pytest.mark.own_stack
def test_a_stop_is_heard_before_any_program_runs(project: Project) -> None:
    """A first process without a trap would not hear it, and be killed after the grace period."""
    image = project.containers()["app"].image
    assert image is not None
    container = project.client.containers.run(
        image.id, ["-c", SLOW_TO_BEGIN], entrypoint="bash", detach=True
    )
    try:
        wait_until("its begin", lambda: b"begins" in container.logs(), seconds=60, every=0.1)
        container.stop(timeout=10)
        assert container.wait()["StatusCode"] == 128 + signal.SIGTERM
    finally:
        container.remove(force=True, v=True)
