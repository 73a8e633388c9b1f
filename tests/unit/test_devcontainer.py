"""The dev container is the development stack: its files name existing things, and merge."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stack.config.modes import DEV, ROOT

FOLDER = ROOT / ".devcontainer"


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    text = (FOLDER / "devcontainer.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))
    return found


def config(files: list[Path]) -> dict[str, Any]:
    """The files as Docker Compose merges them."""
    options = [option for file in files for option in ("--file", str(file))]
    done = subprocess.run(
        ["docker-compose", *options, "config", "--format", "json"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_dev_container_is_the_development_stack(settings: dict[str, Any]) -> None:
    files = [(FOLDER / name).resolve() for name in settings["dockerComposeFile"]]
    assert files[0] == ROOT / DEV.compose_file
    merged, plain = config(files), config(files[:1])
    app, usual = (found["services"][settings["service"]] for found in (merged, plain))
    target = app["build"].pop("target")
    assert f" AS {target}\n" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    usual["build"].pop("target")
    (added,) = [volume for volume in app["volumes"] if volume not in usual["volumes"]]
    assert (added["source"], added["target"]) == (str(ROOT), settings["workspaceFolder"])
    app["volumes"].remove(added)
    assert merged == plain  # with the same name, so with the same data


def test_it_forwards_the_port_that_vite_listens_on(settings: dict[str, Any]) -> None:
    (published,) = config([ROOT / DEV.compose_file])["services"]["app"]["ports"]
    assert settings["forwardPorts"] == [published["target"]]
    assert set(settings["portsAttributes"]) == {str(published["target"])}


def test_the_editor_does_not_change_the_users_id(settings: dict[str, Any]) -> None:
    """If the editor changed the id too, folders would belong to an unknown user."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(rf"useradd .* {settings['remoteUser']} ", dockerfile)
    assert settings["updateRemoteUserUID"] is False
    assert settings["overrideCommand"] is False


def test_it_writes_the_checkouts_owner_into_env_once(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / ".devcontainer").symlink_to(FOLDER)
    (tmp_path / ".env.example").write_bytes((ROOT / ".env.example").read_bytes())
    if os.geteuid() == 0:
        os.chown(tmp_path, 4242, 4343)
    subprocess.run(settings["initializeCommand"], cwd=tmp_path, check=True)
    env = tmp_path / ".env"
    owner = tmp_path.stat()
    assert f"\nLOCAL_UID={owner.st_uid}\nLOCAL_GID={owner.st_gid}\n" in env.read_text()
    assert env.stat().st_mode & 0o077 == 0
    env.write_text("MINE=1\n")
    subprocess.run(settings["initializeCommand"], cwd=tmp_path, check=True)
    assert env.read_text() == "MINE=1\n"
