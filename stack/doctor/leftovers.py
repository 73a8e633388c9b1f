"""What killed test runs, rebuilds and other names leave in the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose.checkout import folder_of, name_of, project_of
from stack.compose.project import PROJECT_LABEL
from stack.config.modes import MODES, ROOT
from stack.config.project_name import PREFIX
from stack.doctor.check import Check
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image

MIB = 1024**2
TEST_PROJECT = re.compile(rf"{PREFIX}-[0-9a-f]{{6}}-test-(\d+)(?:-[a-z]+)?-({'|'.join(MODES)})")
"""As tests/support/own_stack.py names its stacks, with the process's id."""


def checks(client: DockerClient) -> Iterator[Check]:
    """Stacks of ended test runs, and images that rebuilds have replaced."""
    if docker_engine.endpoint().host.startswith("unix://"):  # else processes run elsewhere
        yield _test_stacks(client)
    yield _names(client)
    yield _images(client)


def _test_stacks(client: DockerClient) -> Check:
    left = sorted(abandoned(client))
    return Check(
        "stacks of tests",
        not left,
        f"left by runs that were killed: {', '.join(left)}" if left else "none left over",
        "; ".join(f"docker compose -p {name} down --volumes" for name in left),
        is_hint=True,
        fix=lambda: remove_projects(client, *left),
    )


def _names(client: DockerClient) -> Check:
    others = sorted(other_names(client, ROOT))
    return Check(
        "one name",
        not others,
        f"this checkout also runs as {', '.join(others)}"
        if others
        else "of this checkout's stacks",
        "; ".join(f"docker compose -p {name} down" for name in others),
        is_hint=True,
    )


def other_names(client: DockerClient, root: Path) -> set[str]:
    """Projects of the checkout that have another name than `inv` gives.

    Plain Docker Compose without ALARM_NAME starts such ones, by a symbolic link or from elsewhere.
    """
    ours = {f"{name_of(root)}-{mode}" for mode in MODES}
    containers = client.containers.list(
        all=True, filters={"label": PROJECT_LABEL}, ignore_removed=True
    )
    own = {c.labels[PROJECT_LABEL] for c in containers if folder_of(c) == root.resolve()}
    return own - ours


def abandoned(client: DockerClient) -> set[str]:
    """Projects of smoke tests whose process does not run any more."""
    import psutil

    # `sparse` asks for no details, so a container that is removed meanwhile is not an error.
    containers = client.containers.list(all=True, sparse=True)
    things = (*containers, *client.networks.list(), *client.volumes.list())
    projects = {str((thing.attrs.get("Labels") or {}).get(PROJECT_LABEL)) for thing in things}
    found = filter(None, map(TEST_PROJECT.fullmatch, projects))
    return {match[0] for match in found if not psutil.pid_exists(int(match[1]))}


def remove_projects(client: DockerClient, *names: str) -> None:
    """Remove the containers, networks, volumes and images of Compose projects, by their label."""
    for name in names:
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
    labels = [f"{PROJECT_LABEL}={project_of(mode).name}" for mode in MODES.values()]
    return [
        image
        for label in labels
        for image in client.images.list(filters={"dangling": True, "label": label})
        if image.id not in used
    ]
