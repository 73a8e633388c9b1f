"""What stack/ reads from the real engine, and what it removes there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from docker import DockerClient

from stack.compose import checkout
from stack.compose.checkout import project_of
from stack.compose.project import PROJECT_LABEL, Project
from stack.config.modes import DEV, MODES, ROOT
from stack.doctor import leftovers, machine
from stack.engine import disk
from stack.images import base_images
from tests.support.invoke import inv, refusal, run_inv

pytestmark = pytest.mark.mode("prod")
OF_THIS_RUN = f"test-{os.getpid()}"


@pytest.mark.parametrize("mode", ["dev", "prod"])
@pytest.mark.parametrize("address", ["", "127.0.0.1", "[::1]"])
def test_the_engines_own_compose_reads_the_files(mode: str, address: str) -> None:
    command = ["docker", "compose", "--file", MODES[mode].compose_file, "config", "--quiet"]
    env = {**os.environ, "ALARM_BIND": address}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


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


def test_a_stack_that_runs_keeps_its_name(started_container: Path) -> None:
    assert checkout.name_of(started_container) == OF_THIS_RUN


def test_a_stack_of_the_checkout_under_another_name_is_found(
    client: DockerClient, started_container: Path
) -> None:
    assert leftovers.other_names(client, started_container) == set()
    (started_container / ".env").write_text("ALARM_NAME=house\n")
    assert leftovers.other_names(client, started_container) == {f"{OF_THIS_RUN}-prod"}


def test_a_port_that_is_taken_names_the_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        message = refusal(run_inv("prod", ALARM_PORT=str(port)))
    assert f"Port {port} is taken by" in message
    assert f"(process {os.getpid()})" in message
    assert f"ALARM_PORT={port + 1} inv prod" in message


def test_a_stack_that_does_not_run() -> None:
    # The stack of this checkout may be in use; each message is right in its case.
    message = refusal(run_inv("prod.logs", "no-such-program", "--no-follow"))
    assert "does not run" in message or "There is no program" in message


def findings(project: Project, docker_config: Path, *options: str) -> dict[str, bool]:
    """What `inv doctor` reports for the tests' checkout: names, and whether `--fix` corrects it."""
    own = {"DOCKER_HOST": "", "DOCKER_CONFIG": str(docker_config)}
    done = inv(project, "doctor", "--json", *options, **own)
    return {check["name"]: check["fixable"] for check in json.loads(done.stdout) if not check["ok"]}


def test_a_missing_docker_context_is_corrected(project: Project, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "gone"}')
    assert findings(project, tmp_path)["docker context"]
    assert "docker context" not in findings(project, tmp_path, "--fix")


def test_free_space_is_measured_on_the_images_disk(client: DockerClient) -> None:
    folder = Path(client.info()["DockerRootDir"])
    is_here = folder.is_dir() and "Desktop" not in client.info()["OperatingSystem"]
    assert disk.images_folder(client) == (folder if is_here else ROOT)
    assert disk.images_folder(None) == ROOT
    assert machine.file_system(Path("/proc")) == "proc"


@pytest.fixture
def ended() -> int:
    """The id of a process that is no more."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.fixture
def projects(client: DockerClient, ended: int) -> Iterator[tuple[str, str]]:
    """What two test runs have in the engine: one that was killed, and this very process."""
    names = (f"alarm-0123ab-test-{ended}-dev", f"alarm-0123ab-test-{os.getpid()}-prod")
    for name in names:
        client.volumes.create(f"{name}_data", labels={PROJECT_LABEL: name})
        client.networks.create(f"{name}_net", labels={PROJECT_LABEL: name})
    yield names
    for name in names:
        leftovers.remove_projects(client, name)


def test_only_stacks_of_killed_test_runs_are_removed(
    client: DockerClient, projects: tuple[str, str]
) -> None:
    killed, alive = projects
    found = leftovers.abandoned(client)
    assert killed in found
    assert alive not in found
    leftovers.remove_projects(client, killed)
    assert killed not in leftovers.abandoned(client)
    assert client.volumes.get(f"{alive}_data")
    assert client.networks.list(names=[f"{alive}_net"])


@pytest.mark.parametrize(
    ("project", "is_ours"), [(project_of(DEV).name, True), ("another-project", False)]
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
