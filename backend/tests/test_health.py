"""Liveness and readiness."""

import threading

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError
from django.test import AsyncClient

from config import health

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
    response = await client.get("/api/health/ready/")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "ok"), body
    assert list(body["checks"]) == ["database", "migrations", "broadcast"]
    assert all(check["ok"] for check in body["checks"].values())


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


async def test_a_deaf_broadcast_is_noticed(client, monkeypatch):
    monkeypatch.setattr(health, "LIMIT", 0.5)
    monkeypatch.setattr(get_channel_layer(), "publish", lambda group, message: None)
    response = await client.get("/api/health/ready/")
    assert response.status_code == 503
    assert not response.json()["checks"]["broadcast"]["ok"]
