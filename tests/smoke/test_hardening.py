"""Privileges and limits of production's containers."""

from __future__ import annotations

import re

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack.compose.project import Project
from stack.config.modes import ROOT
from tests.support.containers import image_of, output_of
from tests.support.images import find

pytestmark = pytest.mark.mode("prod")

APP_USER = 10001


def every_status(app: Container) -> list[dict[str, str]]:
    """/proc/PID/status of every process, PID 1 among them."""
    read = "for p in /proc/[0-9]*; do cat $p/status && echo; done"
    processes = []
    for text in output_of(app, "sh", "-c", read).strip().split("\n\n"):
        processes.append(dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line))
    assert "1" in {process["Pid"] for process in processes}
    return processes


def test_no_process_has_privileges(app: Container) -> None:
    for process in every_status(app):
        name = process["Name"]
        assert set(process["Uid"].split()) == {str(APP_USER)}, name
        assert set(process["Gid"].split()) == {str(APP_USER)}, name
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(process[capabilities], 16) == 0, (name, capabilities)
        assert process["NoNewPrivs"].strip() == "1", name
        assert process["Seccomp"].strip() == "2", name


def test_the_image_sets_a_user_other_than_root(app: Container) -> None:
    """As a number: an orchestrator cannot look a name up in the image."""
    assert image_of(app).attrs["Config"]["User"] == f"{APP_USER}:{APP_USER}"


def test_no_process_of_the_database_is_root(project: Project) -> None:
    # Read inside: a rootless engine without cgroups does not list a container's processes.
    each = "echo \"$(stat -c %u $p) $(tr '\\0' ' ' <$p/cmdline)\""
    script = f"for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || {each}; done"
    rows = output_of(project.containers()["db"], "sh", "-c", script).splitlines()
    # The engine runs the health check as the image's user.
    users = {row.partition(" ")[0] for row in rows if "pg_isready" not in row}
    users.discard("")  # of a process that ended meanwhile
    assert users
    assert "0" not in users


def test_only_runtime_folders_are_writable(project: Project) -> None:
    of_the_database = {"/tmp", "/run/postgresql", "/var/lib/postgresql"}
    places = {"app": {"/tmp", "/run/app"}, "db": of_the_database}
    for service, container in project.containers().items():
        assert set(container.attrs["HostConfig"]["Tmpfs"]) == places[service]
        mounts = {m["Destination"] for m in container.attrs["Mounts"] if m["RW"]}
        assert mounts <= {"/var/lib/postgresql/data", "/app/media"}


def test_every_limit_is_documented_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    files = sorted((ROOT / "compose").rglob("prod.yml"))
    compose = "".join(file.read_text(encoding="utf-8") for file in files)
    limits = re.findall(r"(?:mem|pids)_limit: \$\{(\w+):-(\w+)\}|cpus: \$\{(\w+):-(\w+)\}", compose)
    assert len(limits) >= 6
    for first, default, second, other in limits:
        assert f"{first or second}={default or other}\n" in example


@pytest.mark.parametrize("service", ["app", "db"])
def test_each_container_has_limits(project: Project, service: str) -> None:
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


def test_no_file_has_a_setuid_or_setgid_bit(client: DockerClient, app: Container) -> None:
    assert find(client, image_of(app), "/", "-xdev", "-perm", "/6000", "-type", "f") == []
