"""Production's containers as the engine and their own processes see them."""

from __future__ import annotations

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack import lifecycle
from stack.modes import Stack
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("prod")

APP_USER = 10001


@pytest.fixture
def app(stack: Stack, client: DockerClient) -> Container:
    return lifecycle.containers(stack, client)["app"]


def every_status(app: Container) -> list[dict[str, str]]:
    """/proc/PID/status of every process, PID 1 among them."""
    read = app.exec_run(["sh", "-c", "for p in /proc/[0-9]*; do cat $p/status && echo; done"])
    processes = []
    for text in read.output.decode().strip().split("\n\n"):
        processes.append(dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line))
    assert "1" in {process["Pid"] for process in processes}
    return processes


def test_no_process_has_rights(panel: Panel, app: Container) -> None:
    for process in every_status(app):
        name = process["Name"]
        assert set(process["Uid"].split()) == {str(APP_USER)}, name
        assert set(process["Gid"].split()) == {str(APP_USER)}, name
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(process[capabilities], 16) == 0, (name, capabilities)
        assert process["NoNewPrivs"].strip() == "1", name
        assert process["Seccomp"].strip() == "2", name


@pytest.mark.parametrize("service", ["app", "db"])
def test_what_a_container_may_take_is_limited(
    stack: Stack, client: DockerClient, service: str
) -> None:
    host = lifecycle.containers(stack, client)[service].attrs["HostConfig"]
    assert host["Memory"] == 2**30
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] == 512
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}
    assert host["ReadonlyRootfs"] is True
    assert "ALL" in host["CapDrop"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert not host["Privileged"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["Tmpfs"]
    assert all("size=" in options for options in host["Tmpfs"].values()), host["Tmpfs"]


def test_the_database_is_not_published(stack: Stack, client: DockerClient) -> None:
    assert not lifecycle.containers(stack, client)["db"].attrs["HostConfig"]["PortBindings"]


def found_in_image(client: DockerClient, app: Container, *expression: str) -> list[str]:
    """What find(1) finds in the image, as a root who may look everywhere."""
    find = ["find", *expression]
    found = client.containers.run(app.image.id, entrypoint=find, user="0", remove=True)
    return found.decode().splitlines()


def test_the_image_holds_nothing_of_building_it(client: DockerClient, app: Container) -> None:
    tools = ("gcc", "cc", "g++", "make", "pip", "npm", "node", "git", "curl", "wget")
    for tool in tools:
        assert app.exec_run(["which", tool]).exit_code != 0, tool
    caches = ("/var/lib/apt/lists", "/var/cache/apt", "/root", "/home")
    dotfiles = ("-not", "-name", ".bash*", "-not", "-name", ".profile")
    assert found_in_image(client, app, *caches, "-type", "f", "-size", "+0", *dotfiles) == []


def test_no_program_gives_its_caller_other_rights(client: DockerClient, app: Container) -> None:
    assert found_in_image(client, app, "/", "-xdev", "-perm", "/6000", "-type", "f") == []


def test_no_secret_is_in_the_image(stack: Stack, client: DockerClient, app: Container) -> None:
    """Neither as a file nor in what its build was told."""
    told = str(client.api.history(app.image.id)) + str(app.image.attrs)
    for path in (stack.root / ".secrets").iterdir():
        value = path.read_text(encoding="utf-8").strip()
        assert not value or value not in told, path.name
    named = ("-name", "*secret*", "-o", "-name", ".env*")
    assert found_in_image(client, app, "/app", "/etc", "/run", *named) == []
