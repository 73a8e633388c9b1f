"""Liveness and readiness."""

import asyncio
import threading

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError
from django.test import AsyncClient

from alarm import leader
from config import health
from core.threads import in_thread
from tests.conftest import terminate_backends

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def client(settings, monkeypatch):
    """A client whose every question is answered by a round of checks of its own."""
    settings.ALARM_HOSTS = ("testserver",)
    monkeypatch.setattr(health, "FRESH", 0)
    monkeypatch.setattr(health, "rounds", health.Rounds())
    monkeypatch.setattr(health.last_lead, "seen_at", float("-inf"))
    yield AsyncClient()
    await get_channel_layer().close()


async def test_live_asks_nothing_of_the_database(client, monkeypatch):
    monkeypatch.setattr(health, "ask_database", lambda: 1 / 0)
    response = await client.get("/api/health/live/")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "version": "dev", "revision": "unknown"}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.fixture
async def candidate(transactional_db):
    """For the lead, like a worker."""
    candidate = leader.Candidate()
    yield candidate
    await in_thread(candidate.resign)


@pytest.fixture
def lead(candidate):
    """A function that leads, like a worker."""
    return candidate.try_to_lead


async def test_ready_has_made_every_round_trip(client, lead):
    assert await in_thread(lead)
    response = await client.get("/api/health/ready/")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "ok"), body
    assert list(body["checks"]) == ["database", "migrations", "broadcast", "worker"]
    assert all(check["ok"] for check in body["checks"].values())


async def worker_check(client) -> tuple[int, dict]:
    response = await client.get("/api/health/ready/")
    return response.status_code, response.json()["checks"]["worker"]


async def test_without_a_worker_readiness_fails_with_a_reason(client, lead, monkeypatch):
    status, check = await worker_check(client)
    assert (status, check["ok"]) == (503, False)
    assert check["detail"] == "No worker runs: no delay ends."
    assert await in_thread(lead)
    assert (await worker_check(client))[1]["ok"]
    monkeypatch.setattr(health, "SILENT_WORKER", -1)  # it hangs for longer than that
    status, check = await worker_check(client)
    assert status == 503
    assert check["detail"].startswith("The worker has been silent for ")


async def test_a_worker_may_be_started_again_before_readiness_fails(client, lead, monkeypatch):
    assert await in_thread(lead)
    assert (await worker_check(client))[1]["ok"]
    await in_thread(terminate_backends, "alarm leader")
    assert (await worker_check(client))[1]["ok"]
    monkeypatch.setattr(health, "SILENT_WORKER", 0)
    assert (await worker_check(client))[0] == 503


async def test_a_worker_that_is_about_to_lead_counts_in_every_process(client, candidate):
    """The one before has just ended; this process may not have seen it."""
    await in_thread(candidate.end_hung_leader)
    assert (await worker_check(client))[1]["ok"]
    await in_thread(candidate.resign)
    assert (await worker_check(client))[0] == 503


async def test_those_who_ask_together_or_soon_after_share_one_round(client, monkeypatch):
    """Anyone may ask: many questions make no more work than one, and take no thread of others."""
    monkeypatch.setattr(health, "FRESH", 3600)
    asked, thaw = [], threading.Event()

    def freeze() -> None:
        asked.append(threading.current_thread().name)
        thaw.wait(60)

    monkeypatch.setattr(health, "ask_database", freeze)
    questions = [asyncio.ensure_future(client.get("/api/health/ready/")) for _ in range(30)]
    try:
        while not asked:
            await asyncio.sleep(0.01)
        # The threads of sockets are free meanwhile.
        assert await asyncio.gather(*(in_thread(lambda n=n: n) for n in range(30))) == [*range(30)]
        assert not any(question.done() for question in questions)
    finally:
        thaw.set()
    bodies = [(await question).json() for question in questions]
    bodies.append((await client.get("/api/health/ready/")).json())
    assert len(asked) == 1
    assert asked[0].startswith("health")
    assert bodies == [bodies[0]] * 31


async def test_a_frozen_database_takes_threads_of_the_checks_alone(client, monkeypatch):
    monkeypatch.setattr(health, "LIMIT", 0.1)
    thaw = threading.Event()
    monkeypatch.setattr(health, "ask_database", lambda: thaw.wait(60) and None)
    try:
        for _ in range(6):
            assert (await client.get("/api/health/ready/")).status_code == 503
        assert await in_thread(lambda: "free") == "free"
    finally:
        thaw.set()


async def test_a_missing_migration_is_named(client, monkeypatch):
    monkeypatch.setattr(health, "newest_migrations", lambda: frozenset({("alarm", "0009_next")}))
    response = await client.get("/api/health/ready/")
    assert response.status_code == 503
    assert "alarm.0009_next" in response.json()["checks"]["migrations"]["detail"]


async def test_a_dead_database_is_reported_without_its_name(client, monkeypatch):
    def fail():
        raise OperationalError("connection to db failed for user alarm")

    monkeypatch.setattr(health, "ask_database", fail)
    response = await client.get("/api/health/ready/")
    assert response.status_code == 503
    assert "alarm" not in response.json()["checks"]["database"]["detail"]


async def test_a_frozen_database_does_not_freeze_the_answer(client, monkeypatch):
    monkeypatch.setattr(health, "LIMIT", 0.2)
    thaw = threading.Event()
    monkeypatch.setattr(health, "ask_database", thaw.wait)
    try:
        response = await client.get("/api/health/ready/")
        assert response.status_code == 503
        assert not thaw.is_set()  # the answer did not wait for it
    finally:
        thaw.set()


async def test_a_broadcast_without_delivery_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "LIMIT", 0.5)
    monkeypatch.setattr(get_channel_layer(), "publish", lambda group, message: None)
    response = await client.get("/api/health/ready/")
    assert response.status_code == 503
    assert not response.json()["checks"]["broadcast"]["ok"]
