"""What npm would refuse is said beforehand, in two lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stack import local_install, packages
from stack.console import Failure
from stack.modes import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The page's package.json and lock file, to be broken."""
    (tmp_path / "frontend").mkdir()
    for name in ("package.json", "package-lock.json"):
        (tmp_path / "frontend" / name).write_bytes((ROOT / "frontend" / name).read_bytes())
    return tmp_path


def refused(root: Path) -> Failure:
    with pytest.raises(Failure) as error:
        packages.require_installable(root)
    assert "\n" not in error.value.what + error.value.remedy
    return error.value


def test_the_pages_own_packages_are_in_order(checkout: Path) -> None:
    packages.require_installable(checkout)


@pytest.mark.parametrize("text", ["", '{"private": tru', "[]", "\xff"])
def test_a_broken_package_json_is_named(checkout: Path, text: str) -> None:
    (checkout / "frontend" / "package.json").write_bytes(text.encode("latin-1"))
    assert "frontend/package.json cannot be read: " in refused(checkout).what
    assert local_install.node_of(checkout) is None, "and it is no reason for a traceback"


def test_a_broken_or_missing_lock_file_is_named_with_how_to_make_it(checkout: Path) -> None:
    lock = checkout / "frontend" / "package-lock.json"
    lock.write_text("<<<<<<< HEAD\n")
    assert "frontend/package-lock.json cannot be read: " in refused(checkout).what
    lock.unlink()
    assert "cannot be read: No such file or directory." in refused(checkout).what
    assert "npm install --package-lock-only" in refused(checkout).remedy


def test_a_lock_file_that_does_not_match_names_what_it_lacks(checkout: Path) -> None:
    file = checkout / "frontend" / "package.json"
    package = json.loads(file.read_text())
    package["dependencies"] |= {"a-new-one": "^1.0.0", "@scoped/new": "^1.0.0"}
    file.write_text(json.dumps(package))
    said = refused(checkout)
    assert "does not match package.json: it lacks @scoped/new and 1 more." in said.what
    assert "npm install --package-lock-only" in said.remedy


def test_where_npm_is_not_on_path_the_remedy_says_where_it_is(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "frontend" / "package-lock.json").unlink()
    monkeypatch.setenv("PATH", "/nowhere")
    assert "Type: inv dev.shell, then: " in refused(checkout).remedy
    with pytest.raises(Failure) as error:
        packages.require_installable(checkout, ["/of this/node"])
    assert "PATH='/of this/node':$PATH npm" in error.value.remedy


def test_node_modules_of_another_system_are_installed_anew_and_it_is_said(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    modules = checkout / "frontend" / "node_modules"
    (modules / "of-another").mkdir(parents=True)
    (modules / ".platform").write_text("darwin arm64 ")
    (checkout / "docker").symlink_to(ROOT / "docker")

    def npm(title: str, argv: tuple[str, ...], **options: object) -> None:
        assert argv[:2] == ("npm", "ci")
        modules.mkdir()

    monkeypatch.setattr(local_install, "node_of", lambda root: "/usr/bin/node")
    monkeypatch.setattr(local_install, "run_quietly", npm)
    local_install._frontend(checkout)
    assert "node_modules has programs of another system" in capfd.readouterr().err
    assert not (modules / "of-another").exists()
    assert "darwin" not in (modules / ".platform").read_text()
