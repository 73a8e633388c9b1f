"""Values that the chart refuses, each with the sentence that says so.

Two lines where a template refuses: the first stands in docs/troubleshooting.md. The schema's
refusals are Helm's own words, and name the value.
"""

from __future__ import annotations

from typing import Any

import helm_python as helm

from stack.config.modes import ROOT
from tests.chart import rendering

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
WITH_INGRESS = {"enabled": True, "host": "panel.example.org"}
PROXIES = {"TRUSTED_PROXIES": "10.244.0.0/16"}
PEPPER = "of-the-tests-and-of-nothing-else-0123"

SENTENCES: dict[str, tuple[dict[str, Any], str]] = {
    "no image": ({"image": {"repository": ""}}, "The chart has no image to run."),
    "no secrets": (
        {"secrets": {"existingSecret": ""}},
        "The app has no secret key and no PIN pepper.",
    ),
    "half of the secrets": (
        {"secrets": {"existingSecret": "", "pinPepper": PEPPER}},
        "The app has no secret key and no PIN pepper.",
    ),
    "secrets twice": ({"secrets": {"pinPepper": PEPPER}}, "The app's secrets are given twice."),
    "no database": ({"database": {"url": ""}}, "The app has no database."),
    "databases": (
        {"database": {"cloudNativePG": {"enabled": True}}},
        "The database is given twice.",
    ),
    "no password": ({"database": {"existingSecret": ""}}, "The database has no password."),
    "passwords": ({"database": {"password": "x"}}, "The database's password is given twice."),
    "a password in the address": (
        {"database": {"url": "postgresql://alarm:secret@db.example.org/alarm_db"}},
        "An address of the database has a password in it, which each reader of the pod could see.",
    ),
    "a password in the direct address": (
        {"database": {"directUrl": "postgresql://alarm@db.example.org/alarm_db?password=secret"}},
        "An address of the database has a password in it, which each reader of the pod could see.",
    ),
    "no password of the role": (
        {"database": {"existingSecret": "", "password": "x", "appUser": "alarm_serves"}},
        "The role of database.appUser has no password.",
    ),
    "authorities": (
        {"database": {"ca": "-----BEGIN CERTIFICATE-----", "caSecret": "authority"}},
        "The authority of the database's certificate is given twice.",
    ),
    "passwords of the broker": (
        {"mqtt": {"host": "mqtt.lan", "existingSecret": "mqtt", "password": "x"}},
        "The broker's password is given twice.",
    ),
    "a login and no broker": (
        {"mqtt": {"username": "alarm"}},
        "The broker has a login and no address.",
    ),
    "no host name": (
        {"ingress": {"enabled": True}, "settings": PROXIES},
        "The Ingress has no host name.",
    ),
    "no proxies": (
        {"ingress": WITH_INGRESS, "networkPolicy": {"fromNamespaces": ["traefik"]}},
        "The addresses of the ingress controller are not known, so all clients would share one,"
        " and one could lock out all.",
    ),
    "no way in": (
        {"ingress": WITH_INGRESS, "settings": PROXIES},
        "The network policy lets no client reach the panel.",
    ),
    "a volume of one node": (
        {"media": {"enabled": True, "accessMode": "ReadWriteOnce"}},
        "A ReadWriteOnce volume cannot be mounted by pods on several nodes.",
    ),
    "numbers of pods": (
        {"autoscaling": {"enabled": True, "minReplicas": 5, "maxReplicas": 3}},
        "The autoscaler's lowest number of pods is above its highest.",
    ),
    "no request": (
        {"autoscaling": {"enabled": True}, "resources": {"requests": {"cpu": None}}},
        "The autoscaler has no request for processors to measure against.",
    ),
}
"""Changes of the least values, and the first line of the refusal."""

OF_THE_SCHEMA: dict[str, tuple[dict[str, Any], str]] = {
    "a typing error": ({"replica": 3}, "replica"),
    "a typing error deep inside": ({"database": {"ur": "x"}}, "/database"),
    "a setting that is none": ({"settings": {"ALARM_EXITDELAY": 3}}, "/settings"),
    "a secret among the settings": ({"settings": {"SECRET_KEY": "x" * 50}}, "/settings"),
    "a short key": ({"secrets": {"existingSecret": "", "secretKey": "short"}}, "/secrets"),
    "a short pepper": ({"secrets": {"existingSecret": "", "pinPepper": "short"}}, "/secrets"),
    "another database": ({"database": {"url": "mysql://db/alarm"}}, "/database/url"),
    "a strategy that is none": ({"strategy": "Rolling"}, "/strategy"),
    "root": ({"pod": {"runAsUser": 0}}, "/pod/runAsUser"),
    "too many pods": ({"replicas": 51}, "/replicas"),
}
"""Changes of the least values, and a part of Helm's refusal."""


def refusal(changes: dict[str, Any]) -> str:
    """What Helm says to the least values with changes; empty where it takes them."""
    values = rendering.merged(rendering.sets()["external"], changes)
    try:
        rendering.render(values)
    except helm.HelmError as error:
        return str(error)
    return ""


def faults() -> list[str]:
    """Bad values that are not refused, or in other words than the ones expected."""
    guide = TROUBLESHOOTING.read_text(encoding="utf-8")
    found = []
    for name, (changes, sentence) in SENTENCES.items():
        lines = [line.strip() for line in refusal(changes).splitlines()]
        if not any(line.endswith(sentence) for line in lines):
            found.append(f"{name}: not refused with “{sentence}” but {lines}")
        elif not any(line.startswith("Set ") or line.startswith("Put ") for line in lines):
            found.append(f"{name}: the refusal does not say what to set")
        if sentence not in guide:
            found.append(f"{name}: “{sentence}” is not in docs/troubleshooting.md")
    for name, (changes, part) in OF_THE_SCHEMA.items():
        said = refusal(changes)
        if part not in said:
            found.append(f"{name}: the schema does not refuse it by {part}: {said[:200]}")
    return found
