"""The engines that the project is tested on, and the expected checks of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_EVERYWHERE = (
    *("docker.io", "docker-cli", "docker-compose", "docker-buildx", "iptables", "openssl"),
    *("python3", "python3-venv", "git", "curl", "ca-certificates", "procps", "iproute2"),
)
_ROOTLESS = ("uidmap", "rootlesskit", "slirp4netns")
# With crun, which Debian recommends for it: with runc 1.3, a read-only container gets no secret.
_PODMAN = ("podman", "crun", "netavark", "aardvark-dns", "nftables", "catatonit")
PACKAGES = {
    "trixie": (*_EVERYWHERE, "uidmap"),
    "forky": (*_EVERYWHERE, *_ROOTLESS, *_PODMAN),
}
"""Debian's suites, each with the packages of a nested engine."""

DOCKER_CHECKS = (
    *("doctor", "prod", "again", "smoke", "backup", "upgrade", "dev"),
    *("compose prod", "compose dev"),
)


@dataclass(frozen=True)
class Engine:
    """One engine in a container of its own."""

    name: str
    title: str
    """Its versions and settings, for the table."""
    suite: str = "forky"
    """Debian's suite, which decides the versions; see Dockerfile."""
    start: str = "dockerd"
    """How `start-engine` starts it."""
    daemon: Mapping[str, object] = field(default_factory=dict)
    """The content of /etc/docker/daemon.json."""
    compose_5: bool = False
    """Whether Docker Compose is the newest one, from a Python wheel."""
    official: str = ""
    """Debian's suite of stand-ins for the official base images; empty: the project's own."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The lines of `.env` that plain Docker Compose needs, as in docs/engines.md."""
    podman: bool = False
    """Whether it is Podman, behind Docker's usual socket."""
    checks: tuple[str, ...] = DOCKER_CHECKS
    """Names of the checks in checks.py."""
    unsupported: Mapping[str, str] = field(default_factory=dict)
    """Checks that are known to fail, each with words of the user's message."""


NO_LIMIT = {"APP_CPUS": "0", "DB_CPUS": "0", "MQTT_CPUS": "0"}

ENGINES = (
    Engine("oldest", "Engine 26.1, Compose 2.26, Buildx 0.13", suite="trixie"),
    Engine("newest", "Engine 28.5, Compose 2.40, Buildx 0.29"),
    Engine("compose-5", "Engine 28.5, Compose 5.6", compose_5=True),
    Engine(
        "containerd",
        "Engine 28.5, Compose 5.6, containerd image store",
        daemon={"features": {"containerd-snapshotter": True}},
        compose_5=True,
    ),
    Engine("userns-remap", "Engine 28.5, userns-remap", daemon={"userns-remap": "default"}),
    Engine(
        "rootless",
        "Engine 28.5, rootless",
        start="rootless",
        settings=NO_LIMIT | {"LOCAL_UID": "0", "LOCAL_GID": "0"},
    ),
    Engine("no-cfs", "Engine 28.5, no CFS quota", start="no-cfs", settings=NO_LIMIT),
    Engine(
        "podman",
        "Podman 5.8 with cgroup v1, its socket as root",
        start="podman",
        podman=True,
        checks=("doctor", "prod", "podman compose", "quadlet"),
        unsupported={
            "doctor": "Podman 5.8.6 answers; inv needs Docker Engine.",
            "prod": "Podman 5.8.6 answers; inv needs Docker Engine.",
        },
    ),
    Engine("official", "Engine 28.5, like the official images of trixie", official="trixie"),
    Engine("official-12", "Engine 28.5, like the official images of bookworm", official="bookworm"),
)
