"""The database moves to another server while two Daphnes and two workers serve real clients.

The primary has a synchronous replica, as docs/external-database.md asks for.
"""

import http.cookiejar
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from alarm import leader
from tests.conftest import PASSWORD, command, finish, until
from tests.database_servers import Server, free_port, url, using
from tests.test_servers import DAPHNE, is_live, program

FIRST = f"""
from people.models import Person, Role
Person.objects.create_user("anna", "{PASSWORD}", name="Anna", role=Role.ADMIN)
"""
LEADERS = f"SELECT count(*) FROM pg_locks WHERE objid = {leader.LOCK} AND objsubid = 1 AND granted"
TAKEN = "SELECT event_id FROM alarm_report"
GRACE = 60  # seconds until everything has to work again


class Page:
    """A browser's requests to one process, with its cookies."""

    def __init__(self, port: int) -> None:
        self.port, self.jar = port, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.token = ""

    def ask(self, path: str, body: dict | None = None, **headers: str) -> tuple[int, dict, dict]:
        """Return the status, the body and the headers of an answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-CSRFToken": self.token, **headers},
        )
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, json.load(answer), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), dict(error.headers)

    def log_in(self) -> None:
        self.token = self.ask("session/")[1]["csrf_token"]
        status, answer, _ = self.ask("session/", {"username": "anna", "password": PASSWORD})
        assert status == 200, answer
        self.token = self.ask("session/")[1]["csrf_token"]

    def cookies(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)


class Sensor(threading.Thread):
    """Reports steadily; `acknowledged` are the reports that were answered with 202."""

    def __init__(self, page: Page, name: str) -> None:
        super().__init__()
        status, made, _ = page.ask("sensors/", {"name": name, "kind": "motion"})
        assert status == 201, made
        self.path, self.secret = f"sensors/{made['id']}/events/", made["token"]
        self.page, self.ends = Page(page.port), threading.Event()
        self.acknowledged: list[str] = []
        self.refusals: list[tuple[int, dict, dict]] = []

    def run(self) -> None:
        while not self.ends.wait(0.4):
            event = uuid.uuid4().hex
            body = {"active": False, "event_id": event}
            answer = self.page.ask(self.path, body, Authorization=f"Bearer {self.secret}")
            if answer[0] == 202:
                self.acknowledged.append(event)
            else:
                self.refusals.append(answer)


class Listener(threading.Thread):
    """A panel's socket: what it was sent, and whether it was closed."""

    def __init__(self, page: Page) -> None:
        super().__init__(daemon=True)
        self.url = f"ws://127.0.0.1:{page.port}/ws/alarm/"
        self.headers = {"Cookie": page.cookies()}
        self.sequence, self.is_closed = -1, False

    def run(self) -> None:
        with (
            suppress(ConnectionClosed),
            connect(self.url, additional_headers=self.headers) as socket,
        ):
            for text in socket:
                self.sequence = json.loads(text).get("sequence", self.sequence)
        self.is_closed = True


@pytest.fixture
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary that answers a commit when its replica has it, and the replica."""
    primary, replica = Server(), Server()
    try:
        primary.make().start()
        primary.make_database()
        replica.copy_of(primary).start()
        primary.kill()
        primary.start("synchronous_standby_names=*")
        yield primary, replica
    finally:
        primary.remove()
        replica.remove()


@pytest.fixture
def app(pair) -> Iterator[list[int]]:
    """The ports of two Daphnes, beside two workers, on the pair; no log may hold a traceback."""
    given = {"ALARM_EXIT_DELAY": "6", "ALARM_ENTRY_DELAY": "6"}
    database = url(*pair)
    for words in (
        ("check_database",),
        ("migrate", "--verbosity=0"),
        ("apply_integration_settings",),
        ("shell", "-v0", "-c", FIRST),
    ):
        process = command("manage.py", *words, env=using(database, **given))
        output = finish(process)
        assert process.returncode == 0, output
    serves = using(database, APP_SERVES="true", **given)
    ports = [free_port(), free_port()]
    processes = [
        command(program("run-daphne"), str(port), *DAPHNE, "config.asgi:application", env=serves)
        for port in ports
    ]
    processes += [command("manage.py", "run_worker", env=serves) for _ in range(2)]
    try:
        for port in ports:
            until(lambda port=port: is_live(port), 2 * GRACE, "the server to answer")
        yield ports
    finally:
        for process in processes:
            process.terminate()
        logs = [finish(process) for process in processes]
    for log in logs:
        assert "Traceback" not in log, log


def test_a_failover_loses_nothing_that_was_acknowledged_and_keeps_the_sockets(pair, app):
    primary, replica = pair
    pages = [Page(port) for port in app]
    for page in pages:
        page.log_in()
    until(lambda: pages[0].ask("health/ready/")[0] == 200, what="readiness")
    assert primary.ask(LEADERS) == [1]
    with ExitStack() as stack:
        listeners = [Listener(page) for page in pages]
        sensors = [Sensor(page, f"Room {page.port}") for page in pages]
        for thread in (*listeners, *sensors):
            thread.start()
        for sensor in sensors:
            stack.callback(sensor.join)
            stack.callback(sensor.ends.set)
            until(lambda sensor=sensor: len(sensor.acknowledged) > 3, what="reports")
        status, armed, _ = pages[0].ask("alarm/arm/", {"mode": "away"})
        assert (status, armed["state"]) == (200, "arming")

        cut_at = time.monotonic()
        primary.kill()  # in the middle of the exit delay
        until(lambda: sensors[0].refusals, what="a refusal while there is only a replica")
        replica.promote()
        until(lambda: pages[1].ask("health/ready/")[0] == 200, GRACE, "readiness")
        until(
            lambda: pages[1].ask("alarm/state/")[1].get("state") == "armed_away", GRACE, "the delay"
        )
        before = [len(sensor.acknowledged) for sensor in sensors]
        for sensor, number in zip(sensors, before, strict=True):
            until(lambda s=sensor, n=number: len(s.acknowledged) > n + 2, GRACE, "reports again")
        print(f"Everything worked again after {time.monotonic() - cut_at:.1f} s.")

        newest = pages[0].ask("alarm/state/")[1]["sequence"]
        for listener in listeners:
            until(lambda each=listener: each.sequence >= newest, what="what fell into the gap")
            assert not listener.is_closed
        assert replica.ask(LEADERS) == [1]
    for sensor in sensors:
        assert set(sensor.acknowledged) <= set(replica.ask(TAKEN))
        assert {status for status, _, _ in sensor.refusals} == {503}
        assert all("Retry-After" in headers for _, _, headers in sensor.refusals)


def test_a_server_that_is_read_only_for_a_moment_answers_503(pair, app):
    """A disk that is nearly full makes some services set their databases to read-only."""
    primary, _ = pair
    page = Page(app[0])
    page.log_in()
    primary.ask("ALTER SYSTEM SET default_transaction_read_only = on")
    primary.ask("SELECT pg_reload_conf()")
    status, answer, headers = until(
        lambda: (found := page.ask("alarm/arm/", {"mode": "away"}))[0] >= 500 and found,
        what="a refusal",
    )
    assert (status, answer["code"]) == (503, "database_unavailable")
    assert headers["Retry-After"]
    assert page.ask("alarm/state/")[0] in {200, 503}
    primary.run("psql", "-h127.0.0.1", f"-p{primary.port}", "-Upostgres", "-c", WRITABLE)
    primary.ask("SELECT pg_reload_conf()")
    until(lambda: page.ask("alarm/arm/", {"mode": "away"})[0] in {200, 409}, GRACE, "a write")
    until(lambda: page.ask("alarm/state/")[1].get("state") == "armed_away", GRACE, "the delay")


WRITABLE = "ALTER SYSTEM RESET default_transaction_read_only"
