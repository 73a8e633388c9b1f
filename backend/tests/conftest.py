"""Fixtures. The tests use a real PostgreSQL, given by POSTGRES_HOST, _PORT, _USER and _PASSWORD."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import hypothesis
import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.db import OperationalError, connection
from django.db.models.signals import post_migrate
from django.test import Client

from alarm import grants
from core.threads import in_thread
from people import codes, pins
from people.models import Person, Role
from people.sessions import open_for
from tests.actions import CSRF_COOKIE, SESSION_COOKIE

# Hypothesis keeps its notes out of the checkout, which may be mounted read-only.
storage = Path(tempfile.gettempdir()) / "hypothesis"
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(storage))
# A busy machine takes longer for an example; that is no fault.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

BACKEND = Path(__file__).resolve().parent.parent
# They compare the guides with the code; the development container has no guides.
collect_ignore = (
    []
    if (BACKEND.parent / "docs").is_dir()
    else ["test_websocket_document.py", "mqtt/test_mqtt_docs.py"]
)
PIN = "2580"
PASSWORD = "correct horse battery"


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
        try:
            # First: on a busy machine one of many may wait too long for its connection.
            until(is_connected, what="a connection")
            barrier.wait(timeout=60)
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


@contextlib.contextmanager
def ended():
    """A list of threads with `stop`; those that are in it at the block's end are stopped then."""
    threads = []
    yield threads
    for one in threads:
        one.stop()
        one.join(30)
        assert not one.is_alive()
    connection.close()


def is_connected() -> bool:
    """Connect this thread to the database, if that is possible now."""
    with contextlib.suppress(OperationalError):
        connection.ensure_connection()
    return connection.connection is not None


def terminate_backends(application_name: str) -> int:
    """Cut the test database's other connections of that name; return their number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <>"
            " pg_backend_pid() AND datname = current_database() AND application_name = %s",
            [application_name],
        )
        return cursor.fetchone()[0]


def environment(**changes: str) -> dict[str, str]:
    """Return an environment for another process, without settings of the user's shell."""
    ours = (
        *("MODE", "ALARM_", "SECRET_KEY", "APP_", "LOG_LEVEL", "POSTGRES_PASSWORD_"),
        *("MQTT_", "PIN_PEPPER"),
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **changes}


def command(*arguments: str, **options) -> subprocess.Popen:
    """Start `python …` in backend/, its output as text in one pipe."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        **{"cwd": BACKEND, "env": environment(), "text": True}  # type: ignore[call-overload]  # of one type
        | {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        | options,
    )


def finish(process: subprocess.Popen) -> str:
    """Wait for a process to end by itself and return its output."""
    try:
        return process.communicate(timeout=30)[0].strip()
    finally:
        process.kill()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup) -> None:
    """Without the rows that Django makes anew after each test, for a third of its time.

    Nothing in the app reads them: permissions are roles here (`people.permissions`).
    """
    uid = "django.contrib.auth.management.create_permissions"
    assert post_migrate.disconnect(create_permissions, dispatch_uid=uid)
    assert post_migrate.disconnect(create_contenttypes)


@pytest.fixture(autouse=True)
def long_delays(settings) -> None:
    """No delay ends by itself, unless a test says so."""
    settings.ALARM_EXIT_DELAY = settings.ALARM_ENTRY_DELAY = 600


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch) -> None:
    """Argon2 at its cheapest: a right hash takes a tenth of a second and 100 MiB, by design."""
    for name, value in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)
        monkeypatch.setitem(pins.INDEX_COSTS, name, value)


@pytest.fixture
def pin(transactional_db) -> str:
    """The PIN of a code without a person."""
    codes.create(PIN, codes.FIRST_LABEL)
    return PIN


@pytest.fixture
def admin(transactional_db) -> Person:
    """An admin, whose password is PASSWORD; with one, the panel is set up."""
    return Person.objects.create_user("anna", PASSWORD, name="Anna", role=Role.ADMIN)


@pytest.fixture
def resident(admin) -> Person:
    """A resident beside the admin."""
    return Person.objects.create_user("ben", PASSWORD, name="Ben")


class Socket(WebsocketCommunicator):
    """A WebSocket with its session's key."""

    key: str | None
    is_accepted: bool


class Browser(Client):
    """A client like a page: keeps cookies, speaks JSON, and sends its CSRF token."""

    def __init__(self) -> None:
        super().__init__(
            enforce_csrf_checks=True,
            raise_request_exception=False,
            headers={"host": "localhost", "user-agent": "Firefox"},
        )

    def ask(self, method: str, path: str, body=None, **headers):
        """Make a request below /api/ and check the promises of every answer; return it."""
        token = self.cookies[CSRF_COOKIE].value if CSRF_COOKIE in self.cookies else ""
        answer = self.generic(
            method,
            f"/api/{path}",
            body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"x-csrftoken": token, **headers},
        )
        assert answer.headers["Cache-Control"] == "no-store"
        if answer.status_code != 204:
            assert answer.headers["Content-Type"] == "application/json", answer
        if answer.status_code >= 400:
            assert {"code", "detail"} <= answer.json().keys()
        return answer


@pytest.fixture
def browser(transactional_db) -> Browser:
    """A browser without a session."""
    return Browser()


@pytest.fixture
def login(transactional_db):
    """A function that gives a browser of its own, logged in as a person."""

    def log_in(person: Person) -> Browser:
        browser = Browser()
        body = {"username": person.username, "password": PASSWORD}
        answer = browser.ask("POST", "session/", body)
        assert answer.status_code == 200, answer.content
        return browser

    return log_in


@pytest.fixture
def page(login, admin):
    """A browser of an admin."""
    return login(admin)


@pytest.fixture
def same_database(transactional_db) -> dict[str, str]:
    """An environment that leads another process to this test's database, as one that serves."""
    grants.apply()
    return environment(APP_SERVES="true", POSTGRES_DB=connection.settings_dict["NAME"])


@pytest.fixture
def start_worker(same_database):
    """A function that starts a worker process; all are ended with the test."""
    started: list[subprocess.Popen] = []

    def begin() -> subprocess.Popen:
        started.append(command("manage.py", "run_worker", env=same_database))
        return started[-1]

    yield begin
    for worker in started:
        worker.terminate()
        finish(worker)


@pytest.fixture
async def connect(transactional_db):
    """A function that opens a WebSocket in this process; all are closed at the end."""
    from config.asgi import application

    opened = []

    async def open_socket(
        path: str = "/ws/alarm/",
        host: str = "localhost",
        person: Person | None = None,
        **headers: str,
    ):
        """Open it, as a person if one is given; its session's key is the socket's `key`."""
        key = await in_thread(open_for, person, dt.timedelta(days=1)) if person else None
        if key:
            headers["cookie"] = f"theme=dark; {SESSION_COOKIE}={key}"
        pairs = {"host": host, **headers}.items()
        encoded = [(name.encode(), value.encode()) for name, value in pairs]
        socket = Socket(application, path, headers=encoded)
        socket.key = key
        socket.is_accepted = (await socket.connect(timeout=20))[0]
        if socket.is_accepted:
            opened.append(socket)
        return socket

    yield open_socket
    for socket in opened:
        if not socket.future.cancelled():
            await socket.disconnect()
    await get_channel_layer().close()
