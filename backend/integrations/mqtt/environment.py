"""The broker's settings in the environment, which override the database field by field.

config/settings.py reads them once, so that a wrong value ends the start with one line.
"""

import re
import ssl
from typing import Any

from core import env

TOPIC = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
LONGEST_TOPIC = 64
HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
LONGEST_HOST = 253
LONGEST_TEXT = 128  # of a user name and a password


def overrides() -> dict[str, Any]:
    """Return the fields that the environment sets.

    `MQTT_PASSWORD_FILE` names a file that holds the password, as with every secret.
    """
    found = {
        "enabled": env.flag("MQTT_ENABLED"),
        "host": _matching("MQTT_HOST", HOST, LONGEST_HOST, "a host name or an IP address"),
        "port": _port(),
        "tls": env.flag("MQTT_TLS"),
        "username": _short("MQTT_USERNAME"),
        "password": _short("MQTT_PASSWORD"),
        "base_topic": _topic("MQTT_BASE_TOPIC"),
        "discovery_prefix": _topic("MQTT_DISCOVERY_PREFIX"),
        "arm_without_code": env.flag("MQTT_ARM_WITHOUT_CODE"),
    }
    if found["password"] and not found["host"]:
        env.refuse("MQTT_PASSWORD is set without MQTT_HOST: set both, or it may go elsewhere.")
    return {name: value for name, value in found.items() if value is not None}


def authority() -> str | None:
    """Return `MQTT_CA`: the certificate of the broker's own authority, in PEM."""
    pem = env.optional("MQTT_CA")
    try:
        ssl.create_default_context(cadata=pem)
    except ssl.SSLError:
        env.refuse("MQTT_CA is wrong: set a certificate in PEM, or MQTT_CA_FILE to its file.")
    return pem


def _port() -> int | None:
    if env.optional("MQTT_PORT") is None:
        return None
    return env.integer("MQTT_PORT", 1883, smallest=1, largest=65535)


def _topic(name: str) -> str | None:
    words = "letters, digits, _ and -, with / in between"
    return _matching(name, TOPIC, LONGEST_TOPIC, words)


def _matching(name: str, pattern: re.Pattern[str], longest: int, words: str) -> str | None:
    value = env.optional(name)
    if value is not None and (len(value) > longest or not pattern.fullmatch(value)):
        env.refuse(f"{name}={value} is wrong: set {words}, at most {longest} characters.")
    return value


def _short(name: str) -> str | None:
    """Return a text that may be a secret, so that no message shows it."""
    value = env.optional(name)
    if value is not None and len(value) > LONGEST_TEXT:
        env.refuse(f"{name} is too long: set at most {LONGEST_TEXT} characters.")
    return value
