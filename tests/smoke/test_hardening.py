"""Production's containers as the engine and their own processes see them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from docker import DockerClient
from docker.models.containers import Container

from stack.compose.project import Project
from stack.config.modes import ROOT
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("prod")

APP_USER = 10001


@pytest.fixture
def app(project: Project) -> Container:
    return project.containers()["app"]


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


def test_the_image_itself_names_a_user_who_is_not_root(app: Container) -> None:
    """As a number, which an orchestrator can judge without looking into the image."""
    assert app.image.attrs["Config"]["User"] == f"{APP_USER}:{APP_USER}"


def test_no_process_of_the_database_is_root(project: Project) -> None:
    database = project.containers()["db"]
    rows = database.top(ps_args="-eo uid,pid,args")["Processes"]
    # The engine runs the health check as the image's user.
    users = {int(uid) for uid, _, command in rows if "pg_isready" not in command}
    assert 0 not in users


def test_only_what_programs_need_while_they_run_can_be_written(project: Project) -> None:
    places = {"app": {"/tmp", "/run/app"}, "db": {"/tmp", "/run/postgresql"}}
    for service, container in project.containers().items():
        assert set(container.attrs["HostConfig"]["Tmpfs"]) == places[service]
        mounts = {m["Destination"] for m in container.attrs["Mounts"] if m["RW"]}
        assert mounts <= {"/var/lib/postgresql/data"}


def test_every_limit_is_documented_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    compose = (ROOT / "compose" / "prod.yml").read_text(encoding="utf-8")
    limits = re.findall(r"(?:mem|pids)_limit: \$\{(\w+):-(\w+)\}|cpus: \$\{(\w+):-(\w+)\}", compose)
    assert len(limits) == 7
    for first, default, second, other in limits:
        assert f"{first or second}={default or other}\n" in example


@pytest.mark.parametrize("service", ["app", "db"])
def test_what_a_container_may_take_is_limited(project: Project, service: str) -> None:
    host = project.containers()[service].attrs["HostConfig"]
    # An engine without the kernel's or systemd's help has no limits to give (docs/engines.md).
    engine = project.client.info()
    assert host["Memory"] == 2**30 or not engine["MemoryLimit"]
    assert host["NanoCpus"] > 0 or not engine["CpuCfsQuota"]
    assert host["PidsLimit"] == 512 or not engine["PidsLimit"]
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}
    assert host["ReadonlyRootfs"] is True
    assert "ALL" in host["CapDrop"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert not host["Privileged"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["Tmpfs"]
    assert all("size=" in options for options in host["Tmpfs"].values()), host["Tmpfs"]


def test_the_database_is_not_published(project: Project) -> None:
    assert not project.containers()["db"].attrs["HostConfig"]["PortBindings"]


def found_in_image(client: DockerClient, app: Container, *expression: str) -> list[str]:
    """What find(1) finds in the image, as a root who may look everywhere."""
    find = ["find", *expression]
    found = client.containers.run(app.image.id, entrypoint=find, user="0", remove=True)
    return found.decode().splitlines()


@pytest.mark.own_stack
def test_the_image_holds_nothing_of_building_it(client: DockerClient, app: Container) -> None:
    tools = ("gcc", "cc", "g++", "make", "pip", "npm", "node", "git", "curl", "wget")
    for tool in tools:
        assert app.exec_run(["which", tool]).exit_code != 0, tool
    caches = ("/var/lib/apt/lists", "/var/cache/apt", "/root", "/home")
    dotfiles = ("-not", "-name", ".bash*", "-not", "-name", ".profile")
    assert found_in_image(client, app, *caches, "-type", "f", "-size", "+0", *dotfiles) == []


def test_no_program_gives_its_caller_other_rights(client: DockerClient, app: Container) -> None:
    assert found_in_image(client, app, "/", "-xdev", "-perm", "/6000", "-type", "f") == []


def secrets_of(project: Project) -> dict[str, bytes]:
    """The secrets of a stack by their names."""
    found = {path.name: path.read_bytes().strip() for path in (project.root / ".secrets").iterdir()}
    found.pop("ca-bundle", None)  # public, and test_container.py looks for it
    assert found.keys() >= {"secret_key", "postgres_password"}
    return found


@pytest.mark.own_stack
def test_no_secret_is_in_a_layer_or_in_what_the_build_was_told(
    project: Project, app: Container
) -> None:
    told = str(project.client.api.history(app.image.id)) + str(app.image.attrs)
    named = ("-name", "*secret*", "-o", "-name", ".env*")
    assert found_in_image(project.client, app, "/app", "/etc", "/run", *named) == []
    secrets = secrets_of(project)
    end = b""
    for chunk in app.image.save():  # every layer, what a later one has removed as well
        text = end + chunk
        assert not [name for name, value in secrets.items() if value in text]
        end = chunk[-200:]
    assert not [name for name, value in secrets.items() if value.decode() in told]


REFUSED = {
    400: {"headers": {"Host": "elsewhere.example"}},
    403: {"method": "POST"},
    404: {"path": "/api/nothing/"},
    405: {"method": "TRACE"},
    413: {"method": "POST", "data": b"x" * 2**21},
}


@pytest.mark.parametrize("status", REFUSED)
def test_an_error_tells_nothing_of_the_inside(panel: Panel, project: Project, status: int) -> None:
    request: dict[str, Any] = {"method": "GET", "path": "/api/alarm/arm/", **REFUSED[status]}
    answer = requests.request(request.pop("method"), panel.url + request.pop("path"), **request)
    assert answer.status_code == status
    everything = answer.content + str(answer.headers).encode()
    assert not [name for name, value in secrets_of(project).items() if value in everything]
    servers = (b"Daphne", b"daphne", b"uvicorn", b"nginx/")
    for word in (b"Traceback", b"Django", b"django", *servers, b"/app/", b"/venv"):
        assert word not in everything
    assert answer.json()["code"]
