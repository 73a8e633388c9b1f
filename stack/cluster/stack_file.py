"""Production's compose files, as Docker Compose reads them, turned into a file for Swarm.

Limits, secrets, health checks and environment are Compose's; only their spelling is another one.
What a cluster adds is in compose/cluster*.yml.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stack.config import certificates
from stack.config.settings import UNITS

Config = dict[str, Any]

VERSION = "3.12"
"""Of the file: the first one with `start_interval` of health checks."""

AS_THEY_ARE = (
    *("cap_add", "cap_drop", "command", "entrypoint", "environment", "healthcheck", "hostname"),
    *("init", "logging", "read_only", "stop_grace_period", "stop_signal", "sysctls", "user"),
)
"""Keys that Swarm's file spells alike."""

IS_BEHIND_TRAEFIK = "traefik.enable"
OF_TLS = tuple(name.lower() for name in certificates.VARIABLES)
"""The secrets with the certificate and its key, as compose/prod.yml names them."""

NO_NEW_PRIVILEGES = "no-new-privileges:true"
SETPRIV = ("setpriv", "--no-new-privs", "--")
RESERVED_SHARE = 4
"""Swarm places a replica where this part (1/4) of its memory's limit is not reserved by others."""


@dataclass(frozen=True)
class Image:
    """What a service is made of."""

    reference: str
    """As the nodes get it."""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    """Its own, where the service names none."""


@dataclass(frozen=True)
class Facts:
    """What the compose files cannot know."""

    images: Mapping[str, Image]
    """By the name in the compose files."""
    objects: Mapping[str, str]
    """Swarm's names of secrets and configs with content, by the name in the compose files."""
    replicas: Mapping[str, int] = field(default_factory=dict)
    """How many of each service run, where it is not the compose files' number."""
    leave_out: frozenset[str] = frozenset()
    data_node: str = "node.role == manager"
    """The constraint that keeps what has files of its own where these are."""


def stack_file(config: Config, facts: Facts) -> Config:
    """The file for `docker stack deploy`, from what `docker compose config` prints as JSON."""
    services = {
        name: service(name, settings, facts)
        for name, settings in config["services"].items()
        if is_of_swarm(settings) and name not in facts.leave_out
    }
    used_volumes = {
        mount["source"]
        for made in services.values()
        for mount in made.get("volumes", ())
        if mount["type"] == "volume"
    }
    used_networks = {network for made in services.values() for network in made["networks"]}
    volumes = {n: v for n, v in config.get("volumes", {}).items() if n in used_volumes}
    networks = {
        name: {"external": True, "name": network["name"]}
        for name, network in config["networks"].items()
        if name in used_networks
    }
    return {
        "version": VERSION,
        "services": services,
        "networks": networks,
        "volumes": volumes,
        "secrets": _external(config.get("secrets", {}), facts),
        "configs": _external(config.get("configs", {}), facts),
    }


def _external(named: Mapping[str, Any], facts: Facts) -> Config:
    return {
        name: {"external": True, "name": facts.objects[name]}
        for name in named
        if name in facts.objects
    }


def is_of_swarm(settings: Config) -> bool:
    """Whether Swarm runs it: not what Docker Compose starts for one command (`scale: 0`)."""
    return settings.get("scale") != 0


def service(name: str, settings: Config, facts: Facts) -> Config:
    """One service in Swarm's spelling."""
    image = facts.images[settings["image"]]
    made: Config = {
        "image": image.reference,
        "networks": {
            network: {"aliases": options["aliases"]} if options and options.get("aliases") else {}
            for network, options in (settings.get("networks") or {"default": None}).items()
        },
        **{key: settings[key] for key in AS_THEY_ARE if settings.get(key) is not None},
        **_privileges(settings, image),
        "deploy": _deploy(name, settings, facts),
    }
    secrets = _secrets(settings, facts)
    optional = {
        "volumes": [*map(_mount, settings.get("volumes", ())), *_tmpfs(settings)],
        "secrets": secrets,
        "configs": [
            {"source": given["source"], "target": given["target"]}
            for given in settings.get("configs", ())
        ],
        "ports": [
            {"target": port["target"], "published": int(port["published"]), "mode": "host"}
            for port in settings.get("ports", ())
            # Swarm opens a port at every address; one for this machine alone stays closed.
            if not _is_of_this_machine(port.get("host_ip", ""))
        ],
        "extra_hosts": [h for h in settings.get("extra_hosts", ()) if "host-gateway" not in h],
    }
    return {**made, **{key: value for key, value in optional.items() if value}}


def _is_of_this_machine(address: str) -> bool:
    return bool(address) and ipaddress.ip_address(address.strip("[]")).is_loopback


def _privileges(settings: Config, image: Image) -> Config:
    """Swarm's file has no `security_opt`: the program starts by way of setpriv(1)."""
    if NO_NEW_PRIVILEGES not in settings.get("security_opt", ()):
        return {}
    entrypoint = settings.get("entrypoint") or image.entrypoint
    # A service with an entrypoint of its own does not get the image's command.
    command = settings.get("command") or (() if settings.get("entrypoint") else image.command)
    return {"entrypoint": [*SETPRIV, *entrypoint], **({"command": [*command]} if command else {})}


def _secrets(settings: Config, facts: Facts) -> list[Config]:
    # TLS ends at Traefik, so what it sends requests to has no certificate.
    labels = settings.get("deploy", {}).get("labels", {})
    left_out = OF_TLS if labels.get(IS_BEHIND_TRAEFIK) == "true" else ()
    return [
        {"source": given["source"], "target": given["target"].removeprefix("/run/secrets/")}
        for given in settings.get("secrets", ())
        if given["source"] not in left_out and given["source"] in facts.objects
    ]


def _deploy(name: str, settings: Config, facts: Facts) -> Config:
    given = settings.get("deploy", {})
    deploy = {key: value for key, value in given.items() if value and key != "resources"}
    deploy.setdefault("restart_policy", {"condition": "any"})
    if _has_files(settings) and not deploy.get("placement"):
        deploy["placement"] = {"constraints": [facts.data_node]}
        deploy.setdefault("update_config", {"order": "stop-first", "failure_action": "rollback"})
    if given.get("mode") != "global":
        deploy["replicas"] = facts.replicas.get(name, given.get("replicas", 1))
    # Without IPVS there is no virtual address, and with a reverse proxy no need of one.
    return {**deploy, "endpoint_mode": "dnsrr", "resources": _resources(settings)}


def _has_files(settings: Config) -> bool:
    """Whether it is one container with a volume, which no other node has."""
    deploy = settings.get("deploy", {})
    is_one = deploy.get("mode") != "global" and deploy.get("replicas", 1) == 1
    return is_one and any(v["type"] == "volume" for v in settings.get("volumes", ()))


def _resources(settings: Config) -> Config:
    memory = int(settings.get("mem_limit") or 0)
    cpus, pids = float(settings.get("cpus") or 0), int(settings.get("pids_limit") or 0)
    limits: Config = {
        **({"memory": str(memory)} if memory else {}),
        **({"cpus": f"{cpus:g}"} if cpus else {}),
        **({"pids": pids} if pids > 0 else {}),
    }
    # Each node has a service with `mode: global`, whatever it reserves. And of a node that joins,
    # Swarm knows no memory at first: it would take such a container away, and start no other.
    if not memory or settings.get("deploy", {}).get("mode") == "global":
        return {"limits": limits}
    return {"limits": limits, "reservations": {"memory": str(memory // RESERVED_SHARE)}}


def _mount(volume: Config) -> Config:
    kept = ("type", "source", "target", "read_only")
    return {str(key): volume[key] for key in kept if key in volume}


def _tmpfs(settings: Config) -> list[Config]:
    """The folders in memory, whose sizes and modes Docker Compose has in one word."""
    return [_folder_in_memory(text) for text in settings.get("tmpfs", ())]


def _folder_in_memory(text: str) -> Config:
    target, _, words = text.partition(":")
    options = dict(word.partition("=")[::2] for word in words.split(",") if word)
    made: Config = {"size": size(options["size"])} if "size" in options else {}
    # Swarm knows no owner of such a folder. Its container has one user besides root.
    mode = "1777" if "uid" in options else options.get("mode")
    if mode:
        made["mode"] = int(mode, 8)
    return {"type": "tmpfs", "target": target, **({"tmpfs": made} if made else {})}


def size(text: str) -> int:
    """Bytes of a size as mount(8) has it, e.g. `64m`."""
    found = re.fullmatch(r"(\d+)([kmgKMG]?)", text)
    assert found, text
    return int(found[1]) * UNITS[found[2].lower()]


def reserved_bytes(made: Config, where: Callable[[str], bool] = lambda service: True) -> int:
    """What one replica of each service of the file needs to be placed on one node."""
    return sum(
        math.ceil(int(settings["deploy"]["resources"].get("reservations", {}).get("memory", 0)))
        for name, settings in made["services"].items()
        if where(name)
    )
