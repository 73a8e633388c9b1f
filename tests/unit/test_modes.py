"""Argument lists and settings of a stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.compose.checkout import project_of
from stack.compose.project import Project
from stack.config import modes
from stack.config.modes import DEV, PROD
from stack.core.console import Failure


def test_compose_names_the_file_and_the_project() -> None:
    assert Project(PROD, "alarm-prod", 5427).command("up", "--detach") == [
        *("docker", "compose", "--file", "docker-compose.prod.yml"),
        *("--project-name", "alarm-prod", "up", "--detach"),
    ]


def test_only_changed_settings_are_passed_to_compose() -> None:
    assert Project(DEV, "alarm-dev", 5427).variables == {}
    moved = Project(DEV, "alarm-dev", 6000).with_settings(PYTHON_IMAGE="python:3.13")
    assert moved.variables == {"ALARM_PORT": "6000", "PYTHON_IMAGE": "python:3.13"}


def test_the_port_of_the_environment_takes_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALARM_PORT", "6001")
    assert project_of(DEV).port == 6001


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("", {}),
        ("ALARM_BIND=", {}),
        ("ALARM_BIND=192.168.1.2", {}),
        ("ALARM_BIND=fd00::1", {"ALARM_BIND": "[fd00::1]"}),
        ("ALARM_BIND=[::1]", {"ALARM_BIND": "[::1]"}),
    ],
)
def test_an_ipv6_address_reaches_compose_in_brackets(
    tmp_path: Path, line: str, given: dict[str, str]
) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")
    assert Project(PROD, "alarm-prod", 5427, tmp_path).variables == given


@pytest.mark.parametrize("text", ["0", "65536", "five", "-1", "80.0", "٤٢"])
def test_a_wrong_port_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(Failure) as refused:
        modes.parse_port(text)
    assert repr(text) in refused.value.what
    assert "ALARM_PORT=" in refused.value.remedy
