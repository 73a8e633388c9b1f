"""Fixtures: a bridge to the real broker of the tests, and another client of it."""

import secrets

import pytest

from integrations.models import MqttSettings
from integrations.mqtt import bridge as bridges
from integrations.mqtt import broker, passwords, worker
from integrations.mqtt.connection import Connection
from integrations.mqtt.dynamic_security import DynamicSecurity
from integrations.mqtt.outputs import Outputs
from integrations.mqtt.topics import Topics
from outputs import driver, management
from outputs.models import Output
from tests.actions import ANNA
from tests.conftest import ended
from tests.mqtt import tools
from tests.mqtt.siren import Siren
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
def quick_bridge(monkeypatch) -> None:
    """Short pauses, so that changes and outages are seen at once."""
    monkeypatch.setattr(bridges, "LOOK_EVERY", 0.5)
    monkeypatch.setattr(bridges, "FIRST_PAUSE", 0.2)


@pytest.fixture
def start(configure, quick_bridge):
    """A function that starts a bridge with these settings; all are stopped at the end."""
    with ended() as running:

        def begin(**changes) -> bridges.Bridge:
            configure(**changes)
            running.append(bridges.Bridge([make() for make in worker.EXTENSIONS]))
            running[-1].start()
            return running[-1]

        yield begin


@pytest.fixture
def connected(start, other_client, topics):
    """A bridge that is connected."""
    started = start()
    is_status("connected")
    other_client.has(topics.availability, "online")
    return started


@pytest.fixture
def run_outputs(configure, quick_bridge, monkeypatch):
    """A function that starts a bridge and a driver as the worker does; they end with the test."""
    monkeypatch.setattr(driver, "LOOK_EVERY", 0.5)
    with ended() as running:

        def begin(**changes) -> bridges.Bridge:
            configure(**changes)
            bridge = bridges.Bridge([Outputs(lambda: bridge.wake())])
            for thread in (bridge, driver.Driver()):
                running.append(thread)
                thread.start()
            return bridge

        yield begin


@pytest.fixture
def running(run_outputs, other_client, topics):
    """A bridge and a driver that are connected."""
    started = run_outputs()
    is_status("connected")
    other_client.has(topics.availability, "online")
    return started


@pytest.fixture
def output(configure) -> Output:
    configure()
    return management.create(ANNA, name="Siren", kind="mqtt", strobe=True)


@pytest.fixture
def siren(output, topics):
    found = Siren(topics, output.pk)
    yield found
    found.leave()
