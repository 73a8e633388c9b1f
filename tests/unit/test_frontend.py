"""What is said before a build about a frontend that cannot be installed or built."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.doctor import frontend

SCRIPT = Path("docker/dev/bin/node-packages")
MANIFEST = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "^8.0.0"}}
LOCK = {"packages": {"": {"devDependencies": {"vite": "^8.0.0"}}}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with a frontend that can be built."""
    (tmp_path / SCRIPT).parent.mkdir(parents=True)
    (tmp_path / SCRIPT).write_bytes((ROOT / SCRIPT).read_bytes())
    (tmp_path / "frontend").mkdir()
    write(tmp_path, "package.json", MANIFEST)
    write(tmp_path, "package-lock.json", LOCK)
    return tmp_path


def write(root: Path, name: str, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (root / "frontend" / name).write_text(text, encoding="utf-8")


def refusal(root: Path) -> str:
    with pytest.raises(Failure) as raised:
        frontend.require(root)
    assert raised.value.remedy
    return raised.value.what


@pytest.mark.parametrize("name", ["package-lock.json", "pnpm-lock.yaml", "yarn.lock"])
def test_the_lock_file_of_each_package_manager_is_found(root: Path, name: str) -> None:
    (root / "frontend" / "package-lock.json").rename(root / "frontend" / name)
    assert frontend.require(root) == name


def test_a_missing_package_json(root: Path) -> None:
    (root / "frontend" / "package.json").unlink()
    assert refusal(root).endswith("frontend/package.json is missing.")


def test_a_package_json_that_is_no_json(root: Path) -> None:
    write(root, "package.json", "{")
    assert refusal(root).startswith("frontend/package.json cannot be read: ")


def test_no_lock_file(root: Path) -> None:
    (root / "frontend" / "package-lock.json").rename(root / "package-lock.json")
    assert ": frontend/ has no lock file" in refusal(root)


def test_two_lock_files(root: Path) -> None:
    write(root, "yarn.lock", "")
    assert refusal(root).endswith("more than one lock file: package-lock.json yarn.lock.")


def test_a_lock_file_that_does_not_match(root: Path) -> None:
    write(root, "package.json", MANIFEST | {"dependencies": {"react": "^19.0.0"}})
    assert refusal(root) == "package-lock.json does not match package.json: react differs."


def test_no_script_build(root: Path) -> None:
    write(root, "package.json", MANIFEST | {"scripts": {}})
    assert refusal(root) == "frontend/package.json has no script `build`."


def test_another_node(root: Path) -> None:
    write(root, ".nvmrc", "v18.20.1\n")
    assert refusal(root) == "frontend/.nvmrc wants Node 18, and the image has Node 24."
    (root / ".env").write_text("NODE_IMAGE=mirror.example:5000/node:18-slim\n", encoding="utf-8")
    frontend.require(root)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        *(("", True), ("*", True), ("lts/*", True), (">=18", True), ("^20.19 || >=22.12", True)),
        *(("24.x", True), ("24", True), ("^24.1.0", True), (">=20 <25", True), ("18 - 24", True)),
        *((">=20.0.0 <24.0.0", False), ("^20.19.0", False), ("<24", False), ("22.x", False)),
        *((">=26", False), ("18 - 22", False), ("~22.1 || 20", False), (">24", False)),
    ],
)
def test_which_ranges_node_24_satisfies(wanted: str, allowed: bool) -> None:
    assert frontend.allows(wanted, 24) is allowed


def test_the_own_frontend_can_be_built() -> None:
    assert frontend.require(ROOT) == "package-lock.json"


def test_an_installation_that_fails_is_two_lines_and_leaves_no_stamp(root: Path) -> None:
    write(root, "package-lock.json", "not a lock file")
    words = ["bash", str(root / SCRIPT), "install"]
    done = subprocess.run(words, cwd=root / "frontend", capture_output=True, text=True)
    what, remedy = done.stderr.splitlines()[-2:]
    assert done.returncode == 1
    assert what.startswith("npm could not install what package-lock.json lists")
    assert remedy.endswith("npm install")
    assert not (root / "frontend" / "node_modules" / ".lock-hash").exists()
