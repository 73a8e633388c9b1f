"""Fixtures: a bridge to the real broker of the tests, and another client of it."""

import secrets

import pytest
from django.db import connection

from integrations.models import MqttSettings
from integrations.mqtt import bridge as bridges
from integrations.mqtt import broker, passwords, worker
from integrations.mqtt.connection import Connection
from integrations.mqtt.dynamic_security import DynamicSecurity
from integrations.mqtt.topics import Topics
from tests.mqtt import tools
from tests.mqtt.tools import is_status


@pytest.fixture(scope="session", autouse=True)
def claimed_broker(django_db_setup):
    """The broker, where the panel's account may do what a panel's has to."""
    fields = dict.fromkeys(broker.FIELDS, "") | {"enabled": True, "tls": False}
    place = {"host": tools.HOST, "port": tools.PORT, "base_topic": "tests"}
    login = {"username": tools.USERNAME, "password": tools.PASSWORD}
    link = Connection(broker.Broker(**fields | place | login))
    link.open()
    DynamicSecurity(link).open()
    link.close()


@pytest.fixture
def topics() -> Topics:
    """Topics that no other test uses."""
    mark = secrets.token_hex(4)
    return Topics(f"base_{mark}/panel", f"prefix_{mark}")


@pytest.fixture
def other_client(topics):
    """Another client of the broker."""
    found = tools.OtherClient(f"{topics.base}/#", f"{topics.prefix}/#")
    yield found
    found.leave()


@pytest.fixture
def configure(transactional_db, topics):
    """A function that stores settings; by default those of the broker of the tests."""

    def store(**changes) -> None:
        password = changes.pop("password", None)
        row = MqttSettings.load()
        usual = {
            "enabled": True,
            "host": tools.HOST,
            "port": tools.PORT,
            "username": tools.USERNAME,
            "base_topic": topics.base,
            "discovery_prefix": topics.prefix,
        }
        for name, value in (usual | changes).items():
            setattr(row, name, value)
        row.password = passwords.encrypt(password or tools.PASSWORD)
        row.save()

    return store


@pytest.fixture
def start(configure, monkeypatch):
    """A function that starts a bridge with these settings; all are stopped at the end."""
    monkeypatch.setattr(bridges, "LOOK_EVERY", 0.5)
    monkeypatch.setattr(bridges, "FIRST_PAUSE", 0.2)
    running = []

    def begin(**changes) -> bridges.Bridge:
        configure(**changes)
        running.append(bridges.Bridge([make() for make in worker.EXTENSIONS]))
        running[-1].start()
        return running[-1]

    yield begin
    for one in running:
        one.stop()
        one.join(30)
        assert not one.is_alive()
    connection.close()


@pytest.fixture
def connected(start, other_client, topics):
    """A bridge that is connected."""
    started = start()
    is_status("connected")
    other_client.has(topics.availability, "online")
    return started
