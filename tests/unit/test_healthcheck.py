"""The health check: a reverse proxy that answers well, badly, or not at all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stack.config.modes import ROOT

HEALTHY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}"
STARTING = b'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n{"code": "not_ready"}'


@contextmanager
def server(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers one request with these bytes; its port and the request."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as client, client.makefile("rb") as lines:
                asked.append(b"".join(iter(lines.readline, b"\r\n")))
                client.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield listening.getsockname()[1], asked
        serving.join(10)


def check(port: int, run_dir: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Ask for /ready/, or for what the file of `run_dir` says."""
    given = {"RUN_DIR": str(run_dir)} if run_dir else {"HEALTH_PATH": "/ready/"}
    given |= more
    return subprocess.run(
        [ROOT / "docker" / "common" / "bin" / "healthcheck"],
        env={"PATH": "/usr/bin:/bin", "REVERSE_PROXY_PORT": str(port), **given},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


WRITE = """
import json, sys
from django.conf import settings
settings.configure(**json.loads(sys.argv[1]))
import health_request
health_request.write(health_request.path())
"""


def check_with(
    run_dir: Path, answer: bytes, settings: dict[str, object], health: str = "/ready/"
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """The check of an app with these settings whose Daphne gives this answer; and the request."""
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "docker" / "common" / "bin"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUN_DIR": str(run_dir),
        "HEALTH_PATH": health,
    }
    argv = [sys.executable, "-c", WRITE, json.dumps(settings)]
    subprocess.run(argv, env=env, check=True, timeout=60)
    with server(answer) as (port, asked):
        done = check(port, run_dir)
    return done, asked[0].decode().replace(str(port), "PORT").splitlines()


def test_a_good_answer_is_healthy_without_output() -> None:
    with server(HEALTHY) as (port, asked):
        done = check(port)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert asked[0].startswith(b"GET /ready/ HTTP/1.0\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (STARTING, '/ready/ answered 503: {"code": "not_ready"}\n'),
        (b"nonsense\r\n", "/ready/ answered no HTTP: \n"),
        (b"", "no answer through port PORT: none within 2.5 s\n"),
    ],
)
def test_any_other_answer_is_unhealthy_in_one_line(answer: bytes, said: str) -> None:
    with server(answer) as (port, _asked):
        done = check(port)
    assert (done.returncode, done.stderr) == (1, said.replace("PORT", str(port)))


def test_a_closed_connection_is_unhealthy_in_one_line() -> None:
    """Early or late, because the request is written line by line."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for _ in range(20):
            hanging_up = threading.Thread(target=lambda: listening.accept()[0].close())
            hanging_up.start()
            done = check(port)
            hanging_up.join(10)
            said = f"no answer through port {port}: none within 2.5 s\n"
            assert (done.returncode, done.stderr) == (1, said)


def test_a_closed_port_and_silence_are_unhealthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert check(port).stderr == f"no answer through port {port}: none within 2.5 s\n"
    refused = check(port)
    assert refused.returncode == 1
    assert refused.stderr == f"no answer through port {port}: connection refused\n"


ALL = ["*"]
TRUSTED = ["HTTP_X_FORWARDED_PROTO", "https"]
REDIRECT = b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://127.0.0.1/ready/\r\n\r\n"


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({"ALLOWED_HOSTS": ALL}, ["Host: 127.0.0.1:PORT"]),
        ({"ALLOWED_HOSTS": ["shop.example", "127.0.0.1"]}, ["Host: 127.0.0.1:PORT"]),
        ({"ALLOWED_HOSTS": [], "DEBUG": True}, ["Host: 127.0.0.1:PORT"]),
        ({"ALLOWED_HOSTS": ["shop.example", "localhost"]}, ["Host: localhost"]),
        ({"ALLOWED_HOSTS": ["shop.example", "b.example"]}, ["Host: shop.example"]),
        ({"ALLOWED_HOSTS": [".shop.example"]}, ["Host: shop.example"]),
        (
            {
                "ALLOWED_HOSTS": ALL,
                "SECURE_SSL_REDIRECT": True,
                "SECURE_PROXY_SSL_HEADER": TRUSTED,
            },
            ["Host: 127.0.0.1:PORT", "X-Forwarded-Proto: https"],
        ),
        (
            {
                "ALLOWED_HOSTS": ALL,
                "SECURE_SSL_REDIRECT": True,
                "SECURE_PROXY_SSL_HEADER": TRUSTED,
                "SECURE_REDIRECT_EXEMPT": ["^ready/$"],
            },
            ["Host: 127.0.0.1:PORT"],
        ),
    ],
)
def test_the_request_is_one_that_the_app_accepts(
    tmp_path: Path, settings: dict[str, object], lines: list[str]
) -> None:
    done, request = check_with(tmp_path, HEALTHY, settings)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert request == ["GET /ready/ HTTP/1.0", *lines]


def test_a_redirect_to_https_is_healthy_where_the_app_cannot_know_of_https(tmp_path: Path) -> None:
    redirects: dict[str, object] = {"ALLOWED_HOSTS": ALL, "SECURE_SSL_REDIRECT": True}
    done, _ = check_with(tmp_path, REDIRECT, redirects)
    assert done.returncode == 0, done.stderr
    assert "redirects /ready/ to HTTPS" in done.stdout
    # What the app exempts from it has to answer.
    done, _ = check_with(tmp_path, REDIRECT, {**redirects, "SECURE_REDIRECT_EXEMPT": ["^ready/"]})
    assert (done.returncode, done.stderr) == (1, "/ready/ answered 301: \n")
    done, _ = check_with(tmp_path, REDIRECT, {"ALLOWED_HOSTS": ALL})
    assert done.returncode == 1
    done, _ = check_with(tmp_path, STARTING, redirects)
    assert done.returncode == 1


def test_an_app_that_says_that_it_has_no_health_address_is_asked_for_any(tmp_path: Path) -> None:
    done, request = check_with(tmp_path, REDIRECT, {"ALLOWED_HOSTS": ALL}, health="none")
    assert request[0] == "GET /api/ HTTP/1.0"
    assert (done.returncode, done.stdout) == (
        0,
        "Daphne answers, with status 301. The app has no health address.\n",
    )


def test_before_the_database_is_prepared_it_is_unhealthy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = check(listening.getsockname()[1], tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith("the database is not prepared yet\n")


def test_a_replica_that_was_ready_is_healthy_while_daphne_answers(tmp_path: Path) -> None:
    """Else a database that is away would have Swarm replace every replica."""
    given = {"HEALTHY_ONCE_READY": "answers", "HEALTH_PATH": "/ready/"}

    def status(answer: bytes) -> tuple[int, str]:
        with server(answer) as (port, asked):
            done = check(port, tmp_path, **given)
        return done.returncode, asked[0].split()[1].decode()

    assert status(STARTING) == (1, "/ready/")
    assert status(HEALTHY) == (0, "/ready/")
    # Nginx itself answers 503 where no Daphne does. A file would name a better address.
    assert status(b"HTTP/1.1 404 Not Found\r\n\r\n") == (0, "/api/")
    assert status(STARTING) == (1, "/api/")


def test_a_replica_that_was_ready_is_asked_where_no_database_is(tmp_path: Path) -> None:
    """The address beside the readiness check is in no log either (run-nginx)."""
    (tmp_path / "was-ready").touch()
    lines = ("/api/health/ready/", "", "", "200", "/api/health/live/")
    (tmp_path / "health-request").write_text("\n".join(lines) + "\n", encoding="ascii")
    with server(HEALTHY) as (port, asked):
        done = check(port, tmp_path, HEALTHY_ONCE_READY="answers")
    assert done.returncode == 0
    assert asked[0].startswith(b"GET /api/health/live/ ")
