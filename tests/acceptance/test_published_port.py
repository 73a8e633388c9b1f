"""A panel that is healthy in its container, and that no browser reaches."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import psutil
import pytest

from stack.compose import published
from stack.compose.project import Project
from tests.support.invoke import inv

pytestmark = pytest.mark.mode("dev", "prod")


def proxy_of(project: Project) -> psutil.Process:
    """The engine's process that listens at the IPv4 port of the stack."""
    option = f"-host-port {project.port} "
    for process in psutil.process_iter(["cmdline"]):
        words = " ".join(process.info["cmdline"] or [])
        if "docker-proxy" in words and option in words and "-host-ip ::" not in words:
            return process
    pytest.fail("The engine has no proxy process for the port.")


def app_row(project: Project) -> str:
    rows = json.loads(inv(project, f"{project.mode.name}.status", "--json").stdout)
    return str(next(row["state"] for row in rows if row["name"] == "app"))


@pytest.fixture
def restarted(project: Project) -> Iterator[Callable[[], None]]:
    """Restarts the app as the message says; also at the end."""

    def restart() -> None:
        done = inv(project, f"{project.mode.name}.restart")
        assert done.returncode == 0, done.stderr

    yield restart
    if published.fault(project):
        restart()


def test_a_dead_proxy_of_the_port_is_seen(project: Project, restarted: Callable[[], None]) -> None:
    mode, what = project.mode.name, f"nothing answers at 127.0.0.1:{project.port}"
    assert app_row(project) == "healthy"
    process = proxy_of(project)
    process.kill()
    process.wait(10)
    assert app_row(project) == "unreachable"
    shown = inv(project, f"{mode}.status")
    assert what in shown.stderr
    assert f"inv {mode}.restart" in shown.stderr
    started = inv(project, mode, "--detach")
    assert started.returncode == 1
    assert what in started.stderr
    assert "Open http" not in started.stderr
    found = json.loads(inv(project, "doctor", "--json").stdout)
    assert what in str([check for check in found if check["name"] == f"{mode} stack"])
    restarted()
    assert published.fault(project) is None
    assert app_row(project) == "healthy"


class Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)


@pytest.mark.mode("dev")
def test_another_server_at_the_ipv6_port_is_seen(project: Project) -> None:
    class Server(HTTPServer):
        address_family = socket.AF_INET6

    with Server(("::1", project.port), Stranger) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        shown = inv(project, "dev.status")
        server.shutdown()
    assert f"Another program answers at [::1]:{project.port}" in shown.stderr
    assert app_row(project) == "healthy"
