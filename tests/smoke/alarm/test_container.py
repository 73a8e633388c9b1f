"""The alarm's process in the containers, and its version."""

from __future__ import annotations

import pytest

from stack.compose import status
from stack.compose.project import Project
from tests.support.containers import image_of
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("dev", "prod")


def test_the_worker_is_the_only_process_of_the_app_itself(panel: Panel, project: Project) -> None:
    found = {str(state["program"]) for state in status.programs(project.containers()["app"])}
    assert found - {"vite", "nginx", "daphne", "dev-page"} == {"worker"}


def test_the_app_says_the_version_of_its_image(panel: Panel, project: Project) -> None:
    labels = image_of(project.containers()["app"]).labels
    answer = panel.get("/api/health/live/").json()
    for name in ("version", "revision"):
        assert labels[f"org.opencontainers.image.{name}"] == answer[name]
