"""Fixtures: a relay with an HTTP address, and the driver of outputs."""

import contextlib

import pytest

from outputs import driver, plan
from outputs.models import Output
from tests.conftest import ended
from tests.outputs.relay import Relay
from tests.outputs.tools import make_siren


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Short pauses, so that repetitions and faults are seen at once."""
    monkeypatch.setattr(driver, "FAILS_AFTER", 0.3)
    monkeypatch.setattr(plan, "PAUSES", (0.1, 0.2))


@pytest.fixture
def relay():
    with contextlib.closing(Relay()) as found:
        yield found


@pytest.fixture
def start(transactional_db):
    """A function that starts a driver; all are stopped at the end."""
    with ended() as running:

        def begin() -> driver.Driver:
            running.append(driver.Driver())
            running[-1].start()
            return running[-1]

        yield begin


@pytest.fixture
def siren(relay) -> Output:
    """A webhook that sounds for an alarm of any kind."""
    return make_siren(relay)
