"""Which checkout a stack belongs to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from stack.compose import lifecycle, project
from stack.compose.project import Project
from stack.config.modes import DEV, PROD
from stack.core.console import Failure


def require_own_checkout(root: Path, working_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask with a container that Compose has started in `working_dir`."""
    labels = {"com.docker.compose.project.working_dir": str(working_dir)}
    found = {"app": SimpleNamespace(labels=labels)}
    monkeypatch.setattr(Project, "containers", lambda self: found)
    lifecycle.require_own_checkout(Project(PROD, "alarm-prod", 5427, root))


def test_a_symbolic_link_is_the_same_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, link = tmp_path / "checkout", tmp_path / "link"
    root.mkdir()
    link.symlink_to(root)
    require_own_checkout(root, link, monkeypatch)


def test_a_removed_checkout_does_not_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require_own_checkout(tmp_path, tmp_path / "gone", monkeypatch)


def test_another_checkout_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other clone"
    other.mkdir()
    with pytest.raises(Failure, match="runs from another checkout") as refused:
        require_own_checkout(tmp_path, other, monkeypatch)
    assert "remove ALARM_NAME" in refused.value.remedy


def test_what_ends_a_stack_ends_every_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed: list[list[str]] = []
    monkeypatch.setattr(project, "run_quietly", lambda title, argv, **rest: typed.append(argv))
    lifecycle.down(Project(DEV, "alarm-dev", 5427, tmp_path))
    (argv,) = typed
    assert argv[argv.index("--profile") + 1] == "*"
