"""The settings that containers and processes are made with: each is checked before anything is
built or stopped.

The app checks its own (backend/config/settings.py) when it starts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path

from stack.config import dotenv
from stack.config.modes import DEFAULT_PORT, ROOT, is_port
from stack.core.console import Failure

Fits = Callable[[str], bool]

MIB = 1024**2
LEAST_MEMORY = 6 * MIB
"""The engine creates no container with less."""

UNITS = {"": 1, "k": 1024, "m": MIB, "g": 1024 * MIB, "t": 1024**2 * MIB}

CPUS = ("APP_CPUS", "DB_CPUS", "MQTT_CPUS")


def _matches(pattern: str) -> Fits:
    return lambda value: re.fullmatch(pattern, value, re.ASCII) is not None


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(re.sub(r"^\[(.*)\]$", r"\1", value))
    except ValueError:
        return False
    return True


def _is_published(value: str) -> bool:
    address, has_address, port = value.rpartition(":")
    return is_port(port) and (not has_address or _is_address(address))


def _is_number_of_processors(value: str) -> bool:
    # The engine takes 0 as no limit, and nothing between that and 0.01.
    is_number = re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII)
    return bool(is_number) and (float(value) == 0 or float(value) >= 0.01)


def _is_memory(value: str) -> bool:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmgt]?)i?b?", value.lower(), re.ASCII)
    size = float(found[1]) * UNITS[found[2]] if found else -1
    return size == 0 or size >= LEAST_MEMORY


def _are_profiles(value: str) -> bool:
    services = "".join(f.read_text(encoding="utf-8") for f in ROOT.glob("compose/**/*.yml"))
    known = {"", "*", *re.findall(r"^ *profiles: \[(\w+)\]$", services, re.M)}
    return {name.strip() for name in value.split(",")} <= known


def _are_origins(value: str) -> bool:
    origin = r"https?://[A-Za-z0-9.-]+(:\d{1,5})?"
    return all(re.fullmatch(origin, part, re.ASCII) for part in re.split(r"[,\s]+", value) if part)


_ID = (_matches(r"\d{1,10}"), "the number of a user or a group", "1000")
_PROCESSORS = (_is_number_of_processors, "a number of processors", "1.5")
_MEMORY = (_is_memory, "an amount of memory of 6m or more", "1g")
_TASKS = (_matches(r"-1|\d{1,9}"), "a number of processes", "512")

RULES: dict[str, tuple[Fits, str, str]] = {
    "ALARM_PORT": (is_port, "a port number", str(DEFAULT_PORT)),
    "ALARM_BIND": (_is_address, "an IP address", "127.0.0.1"),
    "ALARM_HSTS_SECONDS": (_matches(r"\d{1,9}"), "a number of seconds", "3600"),
    "ALARM_FRAME_ANCESTORS": (_are_origins, "the origin of a page", "https://ha.lan:8123"),
    "ALARM_POLLING": (_matches("true|false"), "true or false", "true"),
    "LOCAL_UID": _ID,
    "LOCAL_GID": _ID,
    **dict.fromkeys(CPUS, _PROCESSORS),
    "APP_MEMORY": _MEMORY,
    "DB_MEMORY": _MEMORY,
    "APP_TMP": (_matches(r"[1-9]\d*[kmgKMG]?"), "a size", "512m"),
    "APP_PIDS": _TASKS,
    "DB_PIDS": _TASKS,
    "ASGI_PROCESSES": (_matches(r"[1-9]\d?"), "a number of processes from 1 to 99", "2"),
    "COMPOSE_PROFILES": (_are_profiles, "a profile in compose/", "mqtt"),
    "MQTT_PUBLISH": (_is_published, "a port, or an address with one", "127.0.0.1:1883"),
}
"""By setting: what its value has to be, in words, and an example."""


def require_valid(root: Path) -> int:
    """Raise Failure for the first setting that no stack can start with; else how many there are."""
    given = {name: dotenv.setting(root, name) for name in RULES}
    for name, value in given.items():
        fits, what, example = RULES[name]
        if value and not fits(value):
            raise Failure(
                f"{name} is {value!r}, which is not {what}.",
                f"Correct it in .env or the environment, for example: {name}={example}",
            )
    return sum(value is not None for value in given.values())


def processors(root: Path, available: int) -> dict[str, str]:
    """The limits above what is `available`, lowered to that: the engine refuses more."""
    given = {name: dotenv.setting(root, name) for name in CPUS}
    return {
        name: str(available) for name, value in given.items() if value and float(value) > available
    }
