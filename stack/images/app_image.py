"""The app's image: which one a container was made from, and the tags that keep it.

The containerd image store, which new installations of Docker 29 use, drops an image with its last
tag, also while a container runs from it. So the image of the container that serves gets a tag of
its own before a build takes `latest` away from it. Images are compared by their ids as strings:
`Container.image` asks the engine, which may have dropped the image.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stack.core.console import Failure

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.models.images import Image

LATEST = "latest"
RUNNING = "running"
"""The tag that the image of the serving container gets before a build."""

PREVIOUS = "previous"
"""The tag of the image that served before that one."""


def name(project: str, tag: str = LATEST) -> str:
    """The name of a project's app image with a tag, e.g. `alarm-3f9a1c-prod-app:latest`."""
    return f"{project}-app:{tag}"


def is_newest(project: str, client: DockerClient, container: Container) -> bool:
    """Whether the container was made from the image that a start would take."""
    from docker.errors import ImageNotFound

    try:
        return bool(client.images.get(name(project)).id == container.attrs["Image"])
    except ImageNotFound:
        return False


def image_of(container: Container, client: DockerClient) -> Image:
    """The image that a container was made from. Raises Failure where the engine has dropped it."""
    from docker.errors import ImageNotFound

    try:
        return client.images.get(container.attrs["Image"])
    except ImageNotFound as error:
        raise Failure(
            "The engine has dropped the image that the app runs from: a rollback is impossible.",
            "Start the new one without a rollback: docker compose -f docker-compose.prod.yml up -d",
        ) from error


def keep(project: str, client: DockerClient, container: Container) -> None:
    """Give the image of a container that serves a tag of its own, before a build."""
    with contextlib.suppress(Failure):
        tag(project, image_of(container, client), RUNNING)


def tag(project: str, image: Image, to: str) -> None:
    """Give an image a tag of the app's, beside those that it has."""
    image.tag(*name(project, to).split(":"))
