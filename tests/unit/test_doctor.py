"""inv doctor: what it finds, what it mends, and what it leaves to a person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docker import DockerClient

from stack.compose.checkout import standard
from stack.compose.project import PROJECT_LABEL
from stack.config.modes import DEV, ROOT
from stack.doctor import checkout, leftovers, machine, networks
from stack.engine import disk, docker_engine
from tests.smoke.own_stack import known_files

NO_ENGINE = "unix:///nowhere.sock"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout of its own, as git knows it, with everything right."""
    root = tmp_path / "a clone"
    for name in known_files():
        if (ROOT / name).is_file() and not name.startswith(("frontend/", "backend/", "docs/")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes((ROOT / name).read_bytes())
            (root / name).chmod((ROOT / name).stat().st_mode)
    git = ["git", "-c", "core.fileMode=true", "-C", str(root)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    inv(root, "env")
    return root


def inv(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=root,
        env={**os.environ, "DOCKER_HOST": NO_ENGINE, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def findings(root: Path, *options: str, **variables: str) -> dict[str, dict[str, Any]]:
    """What is not well, by name."""
    done = inv(root, "doctor", "--json", *options, **variables)
    return {check["name"]: check for check in json.loads(done.stdout) if not check["ok"]}


def test_what_can_be_mended_is_mended_and_nothing_else_is_touched(clone: Path) -> None:
    before = findings(clone).keys()
    env, secrets = clone / ".env", clone / ".secrets"
    settings = env.read_bytes()
    password = (secrets / "postgres_password").read_bytes()
    env.write_bytes(settings.replace(b"\n", b"\r\n"))
    env.chmod(0o644)
    secrets.chmod(0o755)
    (secrets / "secret_key").chmod(0o600)
    (clone / "bootstrap").chmod(0o644)
    (secrets / "ca-bundle").write_bytes(b"of yesterday")
    wrong = findings(clone)
    assert wrong.keys() - before == {
        "line ends of .env",
        "mode of .env",
        "mode of .secrets",
        "mode of .secrets/secret_key",
        "executable files",
        "copy of the CA bundle",
    }
    assert all(wrong[name]["fixable"] and wrong[name]["remedy"] for name in wrong.keys() - before)
    assert not (wrong.keys() - before) & findings(clone, "--fix").keys()
    assert env.read_bytes() == settings
    assert (secrets / "postgres_password").read_bytes() == password
    assert os.access(clone / "bootstrap", os.X_OK)


def test_what_is_not_there_yet_is_written(clone: Path) -> None:
    (clone / ".env").unlink()
    (clone / ".secrets" / "secret_key").unlink()
    assert {".env", ".secrets"} <= findings(clone).keys()
    assert not {".env", ".secrets"} & findings(clone, "--fix").keys()


def test_without_the_engine_no_new_password_is_made(clone: Path) -> None:
    """A database may be there that has the old one."""
    (clone / ".secrets" / "postgres_password").unlink()
    found = findings(clone, "--fix")
    assert not found[".secrets"]["fixable"]
    assert not (clone / ".secrets" / "postgres_password").exists()


def test_an_empty_secret_is_a_problem_for_a_person(clone: Path) -> None:
    empty = clone / ".secrets" / "postgres_password"
    empty.unlink()
    empty.write_text("\n")
    empty.chmod(0o444)
    assert not findings(clone, "--fix")[".secrets/postgres_password"]["fixable"]


def test_a_context_that_is_gone_is_undone(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "gone"}')
    own = {"DOCKER_HOST": "", "DOCKER_CONFIG": str(tmp_path)}
    assert findings(clone, **own)["docker context"]["fixable"]
    assert "docker context" not in findings(clone, "--fix", **own)


def test_exit_status_and_what_a_person_reads(clone: Path) -> None:
    done = inv(clone, "doctor")
    assert done.returncode == 1
    assert "✗ Docker Engine >= 25.0: No Docker engine answers at " in done.stderr
    assert "\n  → Start it there; or, " in done.stderr


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"HTTPS_PROXY": "http://localhost:3128"}, "names this machine as localhost"),
        ({"HTTPS_PROXY": "http://"}, "is no address"),
        ({"http_proxy": "http://proxy.example:3128"}, "http_proxy is set, HTTP_PROXY is not"),
    ],
)
def test_a_proxy_that_builds_cannot_use_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], found: str
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert networks.proxies(tmp_path).ok
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check = networks.proxies(tmp_path)
    assert found in check.found
    assert not check.ok


def test_a_proxys_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@localhost:3128")
    assert "hunter2" not in str(networks.proxies(tmp_path).as_json())


def test_a_venv_made_from_another_lock_file_is_stale(tmp_path: Path) -> None:
    lock = tmp_path / "requirements" / "tools.txt"
    lock.parent.mkdir()
    lock.write_text("invoke\n")
    (tmp_path / ".venv").mkdir()
    record = f"3.11 /usr {checkout.cksum(lock.read_bytes())} {tmp_path}/.venv\n"
    (tmp_path / ".venv" / "made-from").write_text(record)
    assert checkout.venv(tmp_path).ok
    lock.write_text("invoke==3\n")
    assert not checkout.venv(tmp_path).ok


def test_the_disk_that_images_fill_is_the_one_that_is_measured() -> None:
    client = docker_engine.connect()
    folder = Path(client.info()["DockerRootDir"])
    is_here = folder.is_dir() and "Desktop" not in client.info()["OperatingSystem"]
    assert disk.images_folder(client) == (folder if is_here else ROOT)
    assert disk.images_folder(None) == ROOT
    assert machine.file_system(Path("/proc")) == "proc"


@pytest.fixture
def client() -> DockerClient:
    return docker_engine.connect()


@pytest.fixture
def ended() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.fixture
def projects(client: DockerClient, ended: int) -> Iterator[tuple[str, str]]:
    """What two test runs have in the engine: one that was killed, and this very process."""
    names = (f"alarm-0123ab-smoke-{ended}-dev", f"alarm-0123ab-smoke-{os.getpid()}-prod")
    for name in names:
        client.volumes.create(f"{name}_data", labels={PROJECT_LABEL: name})
        client.networks.create(f"{name}_net", labels={PROJECT_LABEL: name})
    yield names
    for name in names:
        leftovers.remove_project(client, name)


def test_stacks_of_killed_test_runs_are_removed_and_of_others_not(
    client: DockerClient, projects: tuple[str, str]
) -> None:
    killed, alive = projects
    found = leftovers.abandoned(client)
    assert killed in found
    assert alive not in found
    leftovers.remove_project(client, killed)
    assert killed not in leftovers.abandoned(client)
    assert client.volumes.get(f"{alive}_data")
    assert client.networks.list(names=[f"{alive}_net"])


@pytest.mark.parametrize(
    ("project", "is_ours"), [(standard(DEV).name, True), ("somebody-elses", False)]
)
def test_only_this_projects_replaced_images_count(
    client: DockerClient, project: str, is_ours: bool
) -> None:
    recipe = f"FROM scratch\nLABEL {PROJECT_LABEL}={project} of=a-test\n"
    image, _ = client.images.build(fileobj=BytesIO(recipe.encode()), rm=True)
    try:
        assert (image.id in {i.id for i in leftovers.replaced_images(client)}) is is_ours
    finally:
        client.images.remove(str(image.id))
