"""Settings with which no stack can start are refused, with an example."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stack.config import dotenv, settings
from stack.config.modes import ROOT
from stack.core.console import Failure
from tests.support.invoke import refusal, run_inv

RIGHT = {
    "ALARM_PORT": ["1", "65535"],
    "ALARM_BIND": ["0.0.0.0", "::1", "[fd00::1]"],
    "ALARM_POLLING": ["true", "false"],
    "LOCAL_UID": ["0", "1000"],
    "LOCAL_GID": ["0", "1000"],
    "APP_CPUS": ["0", "0.5", "64"],
    "APP_MEMORY": ["0", "64g", "512M", "1.5gb", "1GiB", "8388608"],
    "APP_TMP": ["512m", "2G"],
    "APP_PIDS": ["-1", "0", "512"],
    "ASGI_PROCESSES": ["1", "16"],
    "COMPOSE_PROFILES": ["mqtt", "mqtt,", "*"],
    "MQTT_PUBLISH": ["1883", "127.0.0.1:1883", "[::1]:1883"],
}
WRONG = {
    "ALARM_PORT": ["0", "65536", "80.0"],
    "ALARM_BIND": ["localhost", "192.168.1", "127.0.0.1:80"],
    "ALARM_POLLING": ["yes"],
    "LOCAL_UID": ["abc", "-1"],
    "LOCAL_GID": ["staff"],
    "APP_CPUS": ["two", "-1", "0.001", "1,5"],
    "APP_MEMORY": ["1x", "much", "512", "5m", "-1"],
    "APP_TMP": ["0", "1gb", "50%"],
    "APP_PIDS": ["many", "-2", "1.5"],
    "ASGI_PROCESSES": ["many", "0", "100"],
    "COMPOSE_PROFILES": ["nosuch", "mqtt,nosuch"],
    "MQTT_PUBLISH": ["many", "localhost:1883", "127.0.0.1:", "0"],
}


def cases(values: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, found in values.items() for value in found]


@pytest.mark.parametrize(("name", "value"), cases(RIGHT))
def test_a_value_that_fits_is_accepted(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / ".env").write_text(dotenv.assignment(name, value))
    assert settings.require_valid(tmp_path) >= 1


@pytest.mark.parametrize(("name", "value"), cases(WRONG))
def test_a_value_that_does_not_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (tmp_path / ".env").write_text(dotenv.assignment(name, value))
    monkeypatch.delenv(name, raising=False)
    with pytest.raises(Failure) as refused:
        settings.require_valid(tmp_path)
    assert refused.value.what.startswith(f"{name} is {value!r}, which is not ")
    example = refused.value.remedy.partition(f"{name}=")[2]
    (tmp_path / ".env").write_text(dotenv.assignment(name, example))
    assert settings.require_valid(tmp_path) >= 1


def test_the_limits_of_every_container_are_checked() -> None:
    text = (ROOT / "compose" / "prod.yml").read_text(encoding="utf-8")
    limits = re.findall(r"(?:mem_limit|cpus|pids_limit): \$\{(\w+)", text)
    assert len(limits) > 5
    assert set(limits) <= set(settings.RULES)


def test_more_processors_than_there_are_become_those(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("APP_CPUS=8\nDB_CPUS=2\nMQTT_CPUS=1.5\n")
    assert settings.processors(tmp_path, 2) == {"APP_CPUS": "2"}


@pytest.mark.parametrize("mode", ["dev", "prod", "local", "doctor"])
def test_each_command_checks_them(mode: str) -> None:
    if mode == "doctor":
        assert "LOCAL_UID is 'abc'" in run_inv(mode, LOCAL_UID="abc").stdout
        return
    done = run_inv(mode, LOCAL_UID="abc", DOCKER_HOST="unix:///nowhere.sock")
    assert "LOCAL_UID is 'abc', which is not the number of a user" in refusal(done)


def test_a_variable_that_is_exported_empty_is_the_one_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("ALARM_BIND=127.0.0.1\nDB_CPUS=2\n")
    monkeypatch.setenv("ALARM_BIND", "")
    monkeypatch.setenv("DB_CPUS", "1")
    assert dotenv.setting(tmp_path, "ALARM_BIND") == "127.0.0.1"
    assert dotenv.behind_empty_variables(tmp_path) == {"ALARM_BIND": "127.0.0.1"}
