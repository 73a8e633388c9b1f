"""What the stacks of a checkout are called: two checkouts share nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from stack.compose import checkout, ports
from stack.compose.checkout import of_checkout
from stack.compose.project import PROJECT_LABEL
from stack.config.modes import DEV, PROD, ROOT
from stack.core.console import Failure
from stack.engine import docker_engine
from stack.images import base_images

OF_THIS_RUN = f"test-{os.getpid()}"


@pytest.fixture(scope="module")
def client() -> DockerClient:
    return docker_engine.connect()


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALARM_NAME", raising=False)


@pytest.fixture
def started_container(client: DockerClient, tmp_path: Path) -> Iterator[Path]:
    """The folder of a checkout whose stack plain Docker Compose has started."""
    folder = tmp_path / "started from here"
    folder.mkdir()
    base = next(c.image for c in base_images.choose(client, ROOT) if c.variable == "POSTGRES_IMAGE")
    labels = {
        PROJECT_LABEL: f"{OF_THIS_RUN}-prod",
        checkout.FOLDER_LABEL: str(folder),
    }
    container = client.containers.create(base, labels=labels)
    yield folder
    container.remove(v=True)


def test_two_checkouts_of_one_name_in_two_folders_share_nothing(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "alarm", tmp_path / "other" / "alarm"
    assert of_checkout(one, DEV, 1).name != of_checkout(other, DEV, 1).name
    assert of_checkout(one, DEV, 1).name != of_checkout(one, PROD, 1).name


def test_a_checkout_by_a_symbolic_link_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert checkout.name_of(tmp_path / "link") == checkout.name_of(tmp_path / "real")


def test_env_names_it_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("ALARM_NAME=house\r\n")
    assert of_checkout(tmp_path, DEV, 1).name == "house-dev"
    monkeypatch.setenv("ALARM_NAME", "hut")
    assert of_checkout(tmp_path, DEV, 1).name == "hut-dev"


@pytest.mark.parametrize("name", ["House", "my house", "-x", "ü", "a/b"])
def test_what_cannot_be_a_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / ".env").write_text(f"ALARM_NAME='{name}'\n")
    with pytest.raises(Failure, match="ALARM_NAME is"):
        checkout.name_of(tmp_path)


def test_what_was_started_before_keeps_its_name(started_container: Path) -> None:
    assert checkout.name_of(started_container) == OF_THIS_RUN


@pytest.mark.parametrize(("mode", "file"), [(m.name, m.compose_file) for m in (DEV, PROD)])
@pytest.mark.parametrize("settings", ["", "ALARM_NAME=house\n"])
def test_plain_compose_means_the_same(tmp_path: Path, mode: str, file: str, settings: str) -> None:
    projects = set()
    for folder in ("one für alle", "other"):
        root = tmp_path / folder
        root.mkdir()
        (root / "compose").symlink_to(ROOT / "compose")
        (root / file).write_text((ROOT / file).read_text(encoding="utf-8"))
        (root / ".env").write_text(settings)
        asked = ["docker", "compose", "--file", file, "config"]
        told = subprocess.run(asked, cwd=root, env={**os.environ, "PWD": str(root)}, **AS_TEXT)
        projects.add(told.stdout.splitlines()[0].removeprefix("name: "))
    assert projects == {f"house-{mode}"} if settings else len(projects) == 2


AS_TEXT = {"capture_output": True, "text": True, "check": True}


def test_how_to_stop_it_is_said_for_where_it_runs(tmp_path: Path) -> None:
    assert ports.stop_of("alarm-1-dev", ROOT) == "inv dev.down"
    other = tmp_path / "other clone"
    other.mkdir()
    (other / "bootstrap").touch()
    assert ports.stop_of("alarm-1-prod", other) == f"cd '{other}' && ./bootstrap inv prod.down"
    assert ports.stop_of("alarm-1-prod", None) == "docker compose -p alarm-1-prod down"
    assert ports.stop_of("blog", tmp_path) == "docker compose -p blog down"
