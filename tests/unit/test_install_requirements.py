"""docker/dev/bin/install-requirements: which lock files it installs from."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stack.config.modes import ROOT


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, in an empty folder."""
    path = str(ROOT / "docker" / "dev" / "bin" / "install-requirements")
    loader = importlib.machinery.SourceFileLoader("install_requirements", path)
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("files", "production", "development"),
    [
        (["requirements.txt"], ["requirements.txt"], ["requirements.txt"]),
        (
            ["requirements.txt", "requirements-dev.txt"],
            ["requirements.txt"],
            ["requirements.txt", "requirements-dev.txt"],
        ),
        (
            ["requirements/base.txt", "requirements/local.txt", "requirements/production.txt"],
            ["requirements/production.txt"],
            ["requirements/production.txt", "requirements/local.txt"],
        ),
        (["uv.lock", "requirements-dev.txt"], ["uv.lock"], ["uv.lock"]),
        (["poetry.lock"], ["poetry.lock"], ["poetry.lock"]),
    ],
)
def test_the_usual_files_are_found(
    installer: ModuleType, files: list[str], production: list[str], development: list[str]
) -> None:
    Path("requirements").mkdir()
    for file in (*files, "pyproject.toml"):
        Path(file).touch()
    assert list(map(str, installer.chosen_locks("production"))) == production
    assert list(map(str, installer.chosen_locks("development"))) == development


def test_files_that_a_list_includes_count_as_changed(installer: ModuleType) -> None:
    Path("requirements/more").mkdir(parents=True)
    for name in ("requirements.txt", "base.txt", "requirements/extra.txt"):
        Path(name).write_text(name, encoding="utf-8")
    found = [str(file) for file in installer.included(Path("requirements.txt"))]
    assert sorted(found) == ["base.txt", "requirements.txt", "requirements/extra.txt"]


def test_a_list_that_app_toml_names_wrongly_is_refused(installer: ModuleType) -> None:
    Path("requirements.txt").touch()
    Path("app.toml").write_text('requirements = "deps.txt"\n', encoding="utf-8")
    with pytest.raises(SystemExit, match=r"app\.toml names deps\.txt"):
        installer.chosen_locks("production")


def test_a_lock_file_counts_only_with_its_pyproject_toml(installer: ModuleType) -> None:
    Path("uv.lock").touch()
    with pytest.raises(SystemExit, match=r"uv\.lock has no pyproject\.toml beside it"):
        installer.chosen_locks("production")
    Path("requirements.txt").touch()
    assert installer.chosen_locks("production") == [Path("requirements.txt")]
