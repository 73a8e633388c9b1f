"""`inv prod` prints the token that the first visit of a new panel asks for."""

from __future__ import annotations

import subprocess
from typing import cast

import pytest

from stack.cli import first_visit
from stack.cli.runner import Runner
from stack.compose.project import Project
from stack.config.modes import PROD


class NewPanel:
    """A runner whose app answers `said`."""

    project = Project(PROD, "alarm-test-prod", 5427)

    def __init__(self, said: str, status: int = 0) -> None:
        self.said, self.status = said, status

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        assert command == ("python", "-c", first_visit.TOKEN)
        return subprocess.CompletedProcess(command, self.status, self.said, "")


def shown(capsys: pytest.CaptureFixture[str], panel: NewPanel) -> str:
    first_visit.show_token(cast(Runner, panel))
    return capsys.readouterr().err


def test_the_token_is_printed_with_its_time_and_the_command_for_a_new_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = shown(capsys, NewPanel("K7QM-2XPD\n"))
    assert said.splitlines()[0] == "Setup token: K7QM-2XPD"
    assert "inv prod.manage setup_token" in said


@pytest.mark.parametrize("panel", [NewPanel(""), NewPanel("Traceback", 1)])
def test_a_panel_that_is_set_up_or_cannot_say_prints_nothing(
    capsys: pytest.CaptureFixture[str], panel: NewPanel
) -> None:
    assert shown(capsys, panel) == ""
