"""Production: no development tools, slow clients, limits of memory."""

from __future__ import annotations

import contextlib
import signal
import socket

import pytest

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support.containers import image_of
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("prod")


DEVELOPMENT_TOOLS = {
    *("reload-on-save", "warm_python.py", "breakpoints.py", "run-vite"),
    *("install-requirements", "if-changed", "with-ca-bundle", "dev-page", "dev-tools"),
    *("debugpy", "watchfiles", "hypothesis", "pytest", "_pytest", "trustme"),
    *("requirements-dev.txt", "node", "npm", "node_modules", "vite", "git"),
}


def test_no_development_tool_is_in_the_image(project: Project) -> None:
    """No file of such a name, no text with the dev page's address, and no log for that page."""
    app = project.containers()["app"]

    def search(*command: str) -> list[str]:
        found = project.client.containers.run(
            image_of(app), entrypoint=list(command), user="root", remove=True
        )
        return found.decode().split()

    folders = [f"/{name}" for name in ("app", "etc", "home", "opt", "root", "run", "usr", "venv")]
    paths = [path.split("/") for path in search("find", "/", "-xdev", "-name", "*")]
    names = {path[-1] for path in paths}
    assert {"run-daphne", "supervisord.conf", "daphne"} <= names
    assert names & DEVELOPMENT_TOOLS == set()
    assert ["", "venv", "bin", "pip"] not in paths  # a base image may have its own
    # The second text is in the image: it proves that the search works.
    texts = ("-e", "/__dev", "-e", "[fcgi-program:daphne]")
    found = ["/etc/supervisord.conf"]
    assert search("grep", "-rIlF", *texts, "/entrypoint.sh", *folders) == found
    assert app.exec_run(["ls", "/run/app/log"]).exit_code != 0


def test_slow_clients_are_disconnected_and_others_served(panel: Panel, project: Project) -> None:
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


def test_without_the_backend_the_answer_is_json_with_retry_after(
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


def test_unread_exports_do_not_fill_the_memory(panel: Panel, project: Project) -> None:
    """An export is larger than the socket buffers. Nginx holds the rest until the client reads."""
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

    assert wait_until("the server to notice that an export ended", is_free, seconds=30)


SLOW_START = """\
rm() { echo begins; sleep 2; }
supervisord() { exec sleep 30; }
export -f rm supervisord
exec container-init
"""


def test_a_stop_works_before_any_process_runs(project: Project) -> None:
    """A first process without a trap ignores SIGTERM and is killed after the grace period."""
    image = image_of(project.containers()["app"])
    container = project.client.containers.run(
        image, ["-c", SLOW_START], entrypoint="bash", detach=True
    )
    try:
        wait_until("the first line", lambda: b"begins" in container.logs(), seconds=60, every=0.1)
        container.stop(timeout=10)
        assert container.wait()["StatusCode"] == 128 + signal.SIGTERM
    finally:
        container.remove(force=True, v=True)
