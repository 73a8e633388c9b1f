"""Facts that the chart shares with compose/, the image and the project have one value."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from stack.config import version
from stack.config.modes import DEFAULT_PORT, PROD, ROOT
from tests.support.composed import composed

CHART = ROOT / "deploy" / "chart"
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 2**10, "m": 2**20, "g": 2**30, "": 1}
"""Kubernetes' units of memory and Docker's, in bytes."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Json:
    """The app of production, as Compose reads it."""
    return dict(composed(PROD.compose_file)["services"]["app"])


@pytest.fixture(scope="module")
def values() -> Json:
    return dict(yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def schema() -> Json:
    return dict(json.loads((CHART / "values.schema.json").read_text(encoding="utf-8")))


def size(text: str) -> int:
    """Bytes, of `512m` as Docker writes it and `512Mi` as Kubernetes does."""
    match = re.fullmatch(r"(\d+)([A-Za-z]*)", text)
    assert match, text
    return int(match[1]) * UNITS[match[2]]


def seconds(text: str) -> float:
    """Of `1m30s`."""
    found = re.findall(r"([\d.]+)(ms|h|m|s)", text)
    return sum(float(n) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit] for n, unit in found)


def test_a_pod_has_the_limits_of_the_container(compose: Json, values: Json) -> None:
    limits = values["resources"]["limits"]
    assert size(limits["memory"]) == int(compose["mem_limit"])
    assert float(limits["cpu"]) == float(compose["cpus"])


def test_a_pod_is_asked_what_the_container_is_asked(compose: Json, values: Json) -> None:
    check, health = compose["healthcheck"], values["health"]
    assert check["test"] == ["CMD", "healthcheck"]
    wanted = {name: seconds(check[name]) for name in ("interval", "timeout", "start_period")}
    assert health == {
        "interval": wanted["interval"],
        "timeout": wanted["timeout"],
        "retries": check["retries"],
        "startPeriod": wanted["start_period"],
    }


def test_a_pod_has_the_time_of_the_container_to_stop(compose: Json, values: Json) -> None:
    assert values["gracePeriod"] == seconds(compose["stop_grace_period"])


def test_a_pod_can_write_what_the_container_can(compose: Json, values: Json) -> None:
    sizes = {}
    for line in compose["tmpfs"]:
        path, _, options = line.partition(":")
        sizes[path] = size(dict(o.partition("=")[::2] for o in options.split(","))["size"])
    assert sizes == {
        "/tmp": size(values["writable"]["tmp"]),
        "/run/app": size(values["writable"]["run"]),
    }
    template = (CHART / "templates" / "_container.tpl").read_text(encoding="utf-8")
    assert {*re.findall(r"name: (?:tmp|run), mountPath: (\S+) ", template)} == set(sizes)


def test_a_pod_gets_each_secret_of_the_container(compose: Json) -> None:
    """But for those of the stack's own broker and of a port with TLS, which a pod has not."""
    settings = (CHART / "templates" / "settings.yaml").read_text(encoding="utf-8")
    given = set(re.findall(r"^\s+(\w+)_FILE:", settings, re.M))
    files = {
        name.removesuffix("_FILE") for name in compose["environment"] if name.endswith("_FILE")
    }
    assert files - {"MQTT_BROKER_PASSWORD"} <= given


def test_the_ingress_waits_as_long_as_the_image_does(values: Json) -> None:
    nginx = (ROOT / "docker" / "prod" / "nginx.conf").read_text(encoding="utf-8")
    (longest,) = re.findall(r"proxy_read_timeout (\d+)s;", nginx)
    prefix = "nginx.ingress.kubernetes.io/proxy-"
    annotations = values["ingress"]["annotations"]
    assert annotations == dict.fromkeys((f"{prefix}read-timeout", f"{prefix}send-timeout"), longest)


def test_the_ports_are_those_of_the_image() -> None:
    nginx = (ROOT / "docker" / "prod" / "nginx.conf").read_text(encoding="utf-8")
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    deployment = (CHART / "templates" / "deployment.yaml").read_text(encoding="utf-8")
    ports = dict(re.findall(r"name: (\w+), containerPort: (\d+)", deployment))
    assert ports["metrics"] in re.findall(r"listen (\d+);", nginx)
    assert ports["http"] in re.findall(r"^EXPOSE (\d+)$", dockerfile, re.M)
    notes = (CHART / "templates" / "NOTES.txt").read_text(encoding="utf-8")
    assert f"localhost:{DEFAULT_PORT} " in notes
    assert f" {DEFAULT_PORT}:{ports['http']}\n" in notes
    start = re.search(r'ip_unprivileged_port_start, value: "(\d+)"', deployment)
    assert start
    assert int(start[1]) <= int(ports["http"])


def test_the_chart_has_the_version_of_the_project() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["appVersion"] == version.version()
    assert "dependencies" not in chart


def test_each_setting_is_one_that_the_app_reads(schema: Json) -> None:
    """An app's setting is in .env.example, or in a guide's table."""
    texts = [(ROOT / ".env.example").read_text(encoding="utf-8")]
    texts += [file.read_text(encoding="utf-8") for file in (ROOT / "docs").glob("*.md")]
    texts += [(ROOT / "backend" / "config" / "settings.py").read_text(encoding="utf-8")]
    for name in schema["properties"]["settings"]["properties"]:
        assert any(re.search(rf"\b{name}\b", text) for text in texts), name


def test_the_schema_describes_each_value_and_no_other(schema: Json, values: Json) -> None:
    def compare(described: Json, given: Json, path: str) -> None:
        assert described["additionalProperties"] is False, path
        missing = set(given) ^ set(described["properties"])
        assert missing <= {"global"}, f"{path}: {missing}"
        for name, inner in described["properties"].items():
            place = f"{path}.{name}"
            assert inner["description"].endswith("."), place
            if "properties" in inner and given.get(name) and name != "resources":
                compare(inner, given[name], place)

    compare(schema, values, "")


def test_no_password_is_a_default(values: Json) -> None:
    def leaves(of: Json, path: str = "") -> list[tuple[str, Any]]:
        return [
            leaf
            for name, inner in of.items()
            for leaf in (
                leaves(inner, f"{path}.{name}")
                if isinstance(inner, dict)
                else [(f"{path}.{name}", inner)]
            )
        ]

    secret = re.compile(r"password|secret|key|pepper", re.I)
    found = [(path, value) for path, value in leaves(values) if secret.search(path)]
    assert len(found) >= 8
    assert {value for path, value in found if path != ".image.pullSecrets"} == {""}
