"""Liveness and readiness."""

import datetime as dt
import threading

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError
from django.test import AsyncClient
from django.utils import timezone

from alarm import leader
from alarm.models import Worker
from config import health
from core.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def client(settings):
    settings.ALARM_HOSTS = ("testserver",)
    yield AsyncClient()
    await get_channel_layer().close()


async def test_live_asks_nothing_of_the_database(client, monkeypatch):
    monkeypatch.setattr(health, "ask_database", lambda: 1 / 0)
    response = await client.get("/api/health/live/")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "version": "dev", "revision": "unknown"}
    assert response.headers["Cache-Control"] == "no-store"


async def test_ready_has_made_every_round_trip(client):
    await in_thread(leader.beat)
    response = await client.get("/api/health/ready/")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "ok"), body
    assert list(body["checks"]) == ["database", "migrations", "broadcast", "worker"]
    assert all(check["ok"] for check in body["checks"].values())


async def worker_check(client) -> tuple[int, dict]:
    response = await client.get("/api/health/ready/")
    return response.status_code, response.json()["checks"]["worker"]


async def test_without_a_worker_readiness_fails_with_a_reason(client):
    status, check = await worker_check(client)
    assert (status, check["ok"]) == (503, False)
    assert check["detail"] == "The worker has not begun yet: no delay ends."
    await in_thread(leader.beat)
    assert (await worker_check(client))[1]["ok"]
    silent_since = timezone.now() - dt.timedelta(seconds=health.SILENT_WORKER + 5)
    await in_thread(lambda: Worker.objects.update(beat_at=silent_since))
    status, check = await worker_check(client)
    assert status == 503
    assert check["detail"].startswith("The worker has been silent for 1")


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
