"""docker/dev/bin/install-requirements: which lock files it installs from."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import subprocess
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


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("ERROR: Error [Errno 2] ... Cannot find command 'git' - do you have git?", '["git"]'),
        ("error: command 'gcc' failed: No such file or directory", '["gcc", "libc6-dev"]'),
        ("error: command '/usr/bin/x86_64-linux-gnu-gcc' failed", '["gcc", "libc6-dev"]'),
        ("Error: pg_config executable not found.", '["gcc", "libc6-dev", "libpq-dev"]'),
        ("error: command 'g++' failed", '["g++"]'),
    ],
)
def test_a_package_that_has_to_be_built_names_what_builds_it(
    installer: ModuleType, said: str, named: str
) -> None:
    assert f"build-packages = {named}" in installer.remedy(said)
    assert installer.remedy("No matching distribution") == (
        "Correct the lock file, or create it again."
    )


def test_the_errors_of_pip_are_shown_and_kept(
    installer: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        installer.pip(sys.executable, "--no-index", "no-such-package-of-ours")
    shown = capfd.readouterr().err
    assert "no-such-package-of-ours" in shown
    assert shown == failed.value.stderr


def test_the_lists_of_debian_packages(tmp_path: Path) -> None:
    script = ROOT / "docker" / "common" / "list-debian-packages"

    def lists(toml: str, folder: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "app.toml").write_text(toml, encoding="utf-8")
        command = [sys.executable, str(script), str(tmp_path / folder)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    lists('packages = ["gettext"]\nbuild-packages = ["gcc", "libpq-dev"]\n', "a")
    assert (tmp_path / "a" / "packages").read_text() == "gettext\n"
    assert (tmp_path / "a" / "build-packages").read_text() == "gcc\nlibpq-dev\n"
    lists('health = "/up"\n', "b")
    assert (tmp_path / "b" / "packages").read_text() == ""
    for wrong in ('"gettext"', '["a; reboot"]', "[1]"):
        refused = lists(f"packages = {wrong}\n", f"c{len(wrong)}")
        assert refused.returncode == 1
        assert "packages is no list of Debian packages" in refused.stderr
