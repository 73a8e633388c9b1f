"""Names of a checkout's stacks: two checkouts share nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stack.compose import checkout, ports
from stack.compose.checkout import of_checkout
from stack.config.modes import DEV, PROD, ROOT
from stack.core.console import Failure


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALARM_NAME", raising=False)


def test_two_checkouts_of_one_name_in_two_folders_share_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "alarm", tmp_path / "other" / "alarm"
    assert of_checkout(one, DEV, 1).name != of_checkout(other, DEV, 1).name
    assert of_checkout(one, DEV, 1).name != of_checkout(one, PROD, 1).name


def test_a_checkout_by_a_symbolic_link_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert checkout.name_of(tmp_path / "link") == checkout.name_of(tmp_path / "real")


def test_the_name_is_from_the_environment_or_env(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("ALARM_NAME=house\r\n")
    assert of_checkout(tmp_path, DEV, 1).name == "house-dev"
    monkeypatch.setenv("ALARM_NAME", "hut")
    assert of_checkout(tmp_path, DEV, 1).name == "hut-dev"


@pytest.mark.parametrize("name", ["House", "my house", "-x", "ü", "a/b"])
def test_an_invalid_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / ".env").write_text(f"ALARM_NAME='{name}'\n")
    with pytest.raises(Failure, match="ALARM_NAME is"):
        checkout.name_of(tmp_path)


@pytest.mark.parametrize(("mode", "file"), [(m.name, m.compose_file) for m in (DEV, PROD)])
@pytest.mark.parametrize("settings", ["", "ALARM_NAME=house\n"])
def test_plain_compose_uses_the_same_name(
    tmp_path: Path, mode: str, file: str, settings: str
) -> None:
    projects = set()
    for folder in ("one für alle", "other"):
        root = tmp_path / folder
        root.mkdir()
        (root / "compose").symlink_to(ROOT / "compose")
        (root / file).write_text((ROOT / file).read_text(encoding="utf-8"))
        (root / ".env").write_text(settings)
        asked = ["docker-compose", "--file", file, "config"]
        env = {**os.environ, "PWD": str(root)}
        output = subprocess.check_output(asked, cwd=root, env=env, text=True)
        projects.add(output.splitlines()[0].removeprefix("name: "))
    assert projects == {f"house-{mode}"} if settings else len(projects) == 2


def test_the_command_that_stops_a_stack_fits_its_checkout(tmp_path: Path) -> None:
    assert ports.stop_of("alarm-1-dev", ROOT) == "inv dev.down"
    other = tmp_path / "other clone"
    other.mkdir()
    (other / "bootstrap").touch()
    assert ports.stop_of("alarm-1-prod", other) == f"cd '{other}' && ./bootstrap inv prod.down"
    assert ports.stop_of("alarm-1-prod", None) == "docker compose -p alarm-1-prod down"
    assert ports.stop_of("blog", tmp_path) == "docker compose -p blog down"
