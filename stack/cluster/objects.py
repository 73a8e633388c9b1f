"""Swarm's secrets and configs: the files that the compose files name, under names with a digest.

Neither can be changed once it is made. With another content the name is another one, so that the
services that have it are updated, and a rollback finds the old one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.cluster.cluster import STACK_LABEL, Cluster

if TYPE_CHECKING:
    from docker.models.configs import Config as SwarmConfig
    from docker.models.secrets import Secret


def wanted(stack: str, named: dict[str, Any]) -> dict[str, tuple[str, bytes]]:
    """By the compose files' name: Swarm's name and the content; empty files are left out."""
    found = {}
    for name, given in named.items():
        path = Path(given["file"])
        content = path.read_bytes() if path.is_file() else b""
        if content.strip():
            found[name] = (name_of(stack, name, content), content)
    return found


def name_of(stack: str, name: str, content: bytes) -> str:
    """Swarm's name, of at most 64 characters."""
    digest = hashlib.sha256(content).hexdigest()[:10]
    return f"{stack[: 52 - len(name)]}_{name}-{digest}"


def ensure(cluster: Cluster, config: dict[str, Any]) -> dict[str, str]:
    """Make those that are missing; Swarm's names by the compose files' names."""
    labels, client = {STACK_LABEL: cluster.name}, cluster.client
    used = _used(config)
    secrets = wanted(cluster.name, _only(config.get("secrets", {}), used))
    configs = wanted(cluster.name, _only(config.get("configs", {}), used))
    there = {str(secret.name) for secret in _secrets(cluster)}
    for name, content in secrets.values():
        if name not in there:
            client.secrets.create(name=name, data=content, labels=labels)
    there = {str(one.name) for one in _configs(cluster)}
    for name, content in configs.values():
        if name not in there:
            client.configs.create(name=name, data=content, labels=labels)
    return {name: full for name, (full, _) in {**secrets, **configs}.items()}


def _only(named: dict[str, Any], used: set[str]) -> dict[str, Any]:
    return {name: given for name, given in named.items() if name in used}


def _used(config: dict[str, Any]) -> set[str]:
    """What services are given; not what builds are."""
    return {
        given["source"]
        for settings in config["services"].values()
        for kind in ("secrets", "configs")
        for given in settings.get(kind) or ()
    }


def _secrets(cluster: Cluster) -> list[Secret]:
    return cluster.client.secrets.list(filters={"label": f"{STACK_LABEL}={cluster.name}"})


def _configs(cluster: Cluster) -> list[SwarmConfig]:
    return cluster.client.configs.list(filters={"label": f"{STACK_LABEL}={cluster.name}"})


def remove_unused(cluster: Cluster) -> None:
    """Remove those that no service has, nor would have after a rollback."""
    from docker.errors import APIError

    for one in (*_secrets(cluster), *_configs(cluster)):
        try:
            one.remove()  # type: ignore[attr-defined]  # types-docker knows no such method
        except APIError as error:
            if error.status_code not in {400, 404, 409}:  # in use; gone
                raise
