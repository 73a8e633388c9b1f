"""Fixtures. The tests use a real PostgreSQL, given by POSTGRES_HOST, _PORT, _USER and _PASSWORD."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from alarm import pins

# Hypothesis keeps its notes out of the checkout, which may be mounted read-only.
storage = Path(tempfile.gettempdir()) / "hypothesis"
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(storage))

BACKEND = Path(__file__).resolve().parent.parent
PIN = "2580"


def until(condition, limit: float = 30.0, what: str = "the condition"):
    """Return the first true value of `condition()`, or fail after `limit` seconds."""
    end = time.monotonic() + limit
    while not (value := condition()):
        assert time.monotonic() < end, f"waited {limit} s for {what}"
        time.sleep(0.01)
    return value


def in_threads(*functions) -> list:
    """Run functions at the same moment; return their results, or the exceptions they raised."""
    barrier = threading.Barrier(len(functions))
    results: list = [None] * len(functions)

    def run(index: int, function) -> None:
        barrier.wait()
        try:
            results[index] = function()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def terminate_backends(application_name: str) -> int:
    """Cut the test database's other connections of that name; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <>"
            " pg_backend_pid() AND datname = current_database() AND application_name = %s",
            [application_name],
        )
        return cursor.fetchone()[0]


def environment(**changes: str) -> dict[str, str]:
    """Return an environment for another process, without the settings that a person may have."""
    ours = ("MODE", "ALARM_", "SECRET_KEY", "APP_", "REDIS_URL", "LOG_LEVEL", "POSTGRES_PASSWORD_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **changes}


def command(*arguments: str, **options) -> subprocess.Popen:
    """Start `python …` in backend/, its output as text in one pipe."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        **{"cwd": BACKEND, "env": environment(), "text": True}
        | {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        | options,
    )


def finish(process: subprocess.Popen) -> str:
    """Wait for a process to end by itself and return its output."""
    try:
        return process.communicate(timeout=30)[0].strip()
    finally:
        process.kill()


@pytest.fixture(autouse=True)
def long_delays(settings) -> None:
    """No delay ends by itself, unless a test says so."""
    settings.ALARM_EXIT_DELAY = settings.ALARM_ENTRY_DELAY = 600


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch) -> None:
    """Argon2 at its cheapest: a right hash takes a tenth of a second and 100 MiB, by design."""
    for name, value in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def pin(transactional_db) -> str:
    """The PIN, set."""
    pins.store(PIN)
    return PIN


@pytest.fixture
def same_database(transactional_db) -> dict[str, str]:
    """An environment that leads another process to this test's database."""
    return environment(POSTGRES_DB=connection.settings_dict["NAME"])


@pytest.fixture
async def connect(transactional_db):
    """A function that opens a WebSocket in this process; all are closed at the end."""
    from config.asgi import application

    opened = []

    async def open_socket(path: str = "/ws/alarm/", host: str = "localhost", **headers: str):
        pairs = {"host": host, **headers}.items()
        encoded = [(name.encode(), value.encode()) for name, value in pairs]
        socket = WebsocketCommunicator(application, path, headers=encoded)
        socket.is_accepted = (await socket.connect(timeout=20))[0]
        if socket.is_accepted:
            opened.append(socket)
        return socket

    yield open_socket
    for socket in opened:
        await socket.disconnect()
    await get_channel_layer().close()
