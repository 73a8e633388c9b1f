"""What killed test runs and rebuilds of this project have left in the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from stack.compose.checkout import standard
from stack.compose.project import PROJECT_LABEL
from stack.config.modes import MODES
from stack.doctor.check import Check
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

MIB = 1024**2
SMOKE_PROJECT = re.compile(rf"alarm-[0-9a-f]{{6}}-smoke-(\d+)-({'|'.join(MODES)})")
"""As tests/smoke/own_stack.py names its stacks, after the process that made them."""


def checks(client: DockerClient) -> Iterator[Check]:
    """Stacks of test runs that are gone, and images that rebuilds have replaced."""
    if docker_engine.endpoint().host.startswith("unix://"):  # elsewhere, processes are others
        yield _smoke_stacks(client)
    yield _images(client)


def _smoke_stacks(client: DockerClient) -> Check:
    left = sorted(abandoned(client))
    return Check(
        "stacks of tests",
        not left,
        f"left by runs that were killed: {', '.join(left)}" if left else "none left over",
        "; ".join(f"docker compose -p {name} down --volumes" for name in left),
        is_hint=True,
        fix=lambda: _remove_projects(client, left),
    )


def abandoned(client: DockerClient) -> set[str]:
    """Projects of smoke tests whose process does not run any more."""
    import psutil

    # `sparse`: as the engine lists them, so that one which goes away meanwhile is no error.
    things = [*client.containers.list(all=True, sparse=True), *client.networks.list()]
    things += [*client.volumes.list()]
    projects = {str((thing.attrs.get("Labels") or {}).get(PROJECT_LABEL)) for thing in things}
    found = {name: SMOKE_PROJECT.fullmatch(name) for name in projects}
    return {name for name, match in found.items() if match and not psutil.pid_exists(int(match[1]))}


def _remove_projects(client: DockerClient, names: list[str]) -> None:
    for name in names:
        remove_project(client, name)


def remove_project(client: DockerClient, name: str) -> None:
    """Remove a Compose project's containers, networks, volumes and images, by their label."""
    label: dict[str, str | list[str] | bool] = {"label": f"{PROJECT_LABEL}={name}"}
    for container in client.containers.list(all=True, filters=label, ignore_removed=True):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=label):
        network.remove()
    for volume in client.volumes.list(filters=label):
        volume.remove()
    for image in client.images.list(filters=label):
        client.images.remove(str(image.id), force=True)


def _images(client: DockerClient) -> Check:
    left = replaced_images(client)
    size = sum(image.attrs["Size"] for image in left) / MIB
    return Check(
        "replaced images",
        not left,
        f"{len(left)}, at most {size:.0f} MiB" if left else "none",
        "docker image rm " + " ".join(str(image.short_id) for image in left),
        is_hint=True,
        fix=lambda: _remove_images(client, left),
    )


def _remove_images(client: DockerClient, images: list[Image]) -> None:
    for image in images:
        client.images.remove(str(image.id))


def replaced_images(client: DockerClient) -> list[Image]:
    """Images of this checkout without a name, which no container is made from."""
    used = {c.attrs["ImageID"] for c in client.containers.list(all=True, sparse=True)}
    labels = [f"{PROJECT_LABEL}={standard(mode).name}" for mode in MODES.values()]
    nameless = [
        image
        for label in labels
        for image in client.images.list(filters={"dangling": True, "label": label})
    ]
    return [image for image in nameless if image.id not in used]
