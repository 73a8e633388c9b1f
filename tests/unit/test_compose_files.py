"""The compose files as the newest Docker Compose reads them; it needs no engine for that."""

from __future__ import annotations

from typing import Any

import pytest

from stack.config.modes import DEV, MODES, PROD
from tests.support.composed import composed


def published(mode: str, address: str) -> dict[str, Any]:
    """The port of the app, as Compose understands it where ALARM_BIND is `address`."""
    file = MODES[mode].compose_file
    (port,) = composed(file, ALARM_BIND=address, ALARM_PORT="6000")["services"]["app"]["ports"]
    return dict(port)


@pytest.mark.parametrize("mode", [DEV.name, PROD.name])
@pytest.mark.parametrize(
    ("address", "host_ip"),
    [("127.0.0.1", "127.0.0.1"), ("192.168.1.2", "192.168.1.2"), ("[::1]", "::1")],
)
def test_the_port_is_published_at_the_address_that_is_set(
    mode: str, address: str, host_ip: str
) -> None:
    port = published(mode, address)
    assert (port["host_ip"], port["published"]) == (host_ip, "6000")


def test_without_an_address_production_has_none_and_development_has_this_machine() -> None:
    assert published(PROD.name, "").get("host_ip") is None
    assert published(DEV.name, "")["host_ip"] == "127.0.0.1"


def test_the_room_for_uploads_is_a_setting() -> None:
    """By default four times the largest request that an app has by default, and more."""

    def room(**given: str) -> list[str]:
        return list(composed(PROD.compose_file, **given)["services"]["app"]["tmpfs"])

    assert "/tmp:size=512m" in room()
    assert "/tmp:size=2g" in room(APP_TMP="2g")
