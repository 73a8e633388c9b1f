"""What production's image gets of the app's packages and static files."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from stack.config.modes import ROOT

PROD = ROOT / "docker" / "prod"
PACKAGES = "lib/python3.13/site-packages"
FILES = (
    "shop/__init__.pyi",
    "shop/tests/utils.py",
    "shop/static/shop.js.map",
    "shop/locale/de/LC_MESSAGES/django.mo",
    "shop/locale/en/LC_MESSAGES/django.mo",
    "shop/locale/pt_BR/LC_MESSAGES/django.mo",
    "django/test/client.py",
    "django/contrib/admin/static/admin/base.css",
)


def stripped(root: Path, toml: str) -> tuple[set[str], str]:
    """The files that are removed from a virtual environment, and what is said."""
    for name in FILES:
        file = root / PACKAGES / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    (root / "app.toml").write_text(toml)
    command = [sys.executable, str(PROD / "strip-packages"), str(root)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return {name for name in FILES if not (root / PACKAGES / name).exists()}, done.stderr


@pytest.mark.parametrize(
    ("toml", "removed"),
    [
        ("", set()),
        (
            'unused-files = ["**/tests", "**/*.map", "django/contrib/admin/static", "nowhere"]',
            {"shop/tests/utils.py", "shop/static/shop.js.map", FILES[-1]},
        ),
        ('languages = ["pt-br"]', {"shop/locale/de/LC_MESSAGES/django.mo"}),
    ],
)
def test_only_what_the_app_says_is_removed_from_its_packages(
    tmp_path: Path, toml: str, removed: set[str]
) -> None:
    assert stripped(tmp_path, toml) == (removed, "")


@pytest.mark.parametrize("pattern", ["/etc", "../../x", "**", "*", ""])
def test_a_pattern_that_leads_elsewhere_is_refused(tmp_path: Path, pattern: str) -> None:
    removed, said = stripped(tmp_path, f'unused-files = ["{pattern}"]')
    assert not removed
    assert said.startswith(f"backend/app.toml: unused-files has {pattern!r}, which names no files")
    assert len(said.splitlines()) == 2


@pytest.fixture(scope="module")
def collect_static() -> ModuleType:
    loader = SourceFileLoader("collect_static", str(PROD / "collect-static"))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "folder", ["/", "/app", "/app/backend", "/tmp/x", "/run/app", "/app/media/s"]
)
def test_static_files_among_the_sources_or_in_a_mounted_folder_are_refused(
    collect_static: ModuleType, folder: str
) -> None:
    with pytest.raises(SystemExit) as refused:
        collect_static.require_own_place(Path(folder))
    said = str(refused.value).splitlines()
    assert said[0].startswith(f"The static files of the app would be in {folder}, which production")
    assert len(said) == 2


@pytest.mark.parametrize("folder", ["/app/backend/static", "/app/static", "/static", "/srv/shop"])
def test_static_files_may_have_any_other_folder(collect_static: ModuleType, folder: str) -> None:
    collect_static.require_own_place(Path(folder))


def test_static_files_outside_of_the_backend_keep_their_place_and_can_be_read(
    collect_static: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "srv" / "static"
    monkeypatch.setattr(collect_static, "OUTSIDE", outside)
    folder.mkdir(parents=True, mode=0o700)
    (folder / "staticfiles.json").write_text(" " * 2000)
    (folder / "staticfiles.json").chmod(0o600)
    collect_static.finish(folder)
    moved = outside / folder.relative_to("/")
    assert sorted(os.listdir(moved)) == ["staticfiles.json", "staticfiles.json.gz"]
    assert not folder.exists()
    assert (moved / "staticfiles.json").stat().st_mode & 0o777 == 0o644
