"""The app's image: which one a container was made from, and the tags that keep it.

The containerd image store, which new installations of Docker 29 use, drops an image with its last
tag, also while a container runs from it. So the image of the container that serves has a tag of
its own before a build takes `latest` away from it. Images are compared by their ids as strings:
`Container.image` asks the engine, which may not know the image any more.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stack.console import Failure
from stack.modes import Stack

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container
    from docker.models.images import Image

LATEST = "latest"
RUNNING = "running"
"""The tag of the image that the container which serves was made from, from a build on."""

PREVIOUS = "previous"
"""The tag of the image that served before the one that serves."""


def name(stack: Stack, tag: str = LATEST) -> str:
    """The name of the stack's app image with a tag, e.g. `alarm-3f9a1c-prod-app:latest`."""
    return f"{stack.project}-app:{tag}"


def is_newest(stack: Stack, client: DockerClient, container: Container) -> bool:
    """Whether the container was made from the image that a start would take."""
    from docker.errors import ImageNotFound

    try:
        return bool(client.images.get(name(stack)).id == container.attrs["Image"])
    except ImageNotFound:
        return False


def of(container: Container, client: DockerClient) -> Image:
    """The image that a container was made from. Raises Failure where the engine has dropped it."""
    from docker.errors import ImageNotFound

    try:
        return client.images.get(container.attrs["Image"])
    except ImageNotFound as error:
        raise Failure(
            "The engine has dropped the image that the panel runs from, so there is no way back.",
            "Start the new one without a way back: docker compose -f docker-compose.prod.yml up -d",
        ) from error


def keep(stack: Stack, client: DockerClient, container: Container) -> None:
    """Give the image of a container that serves a tag of its own, before a build."""
    with contextlib.suppress(Failure):
        tag(stack, of(container, client), RUNNING)


def tag(stack: Stack, image: Image, to: str) -> None:
    """Give an image a tag of the app's, beside those that it has."""
    image.tag(*name(stack, to).split(":"))
