"""The files of an image."""

from __future__ import annotations

from docker import DockerClient
from docker.models.images import Image


def find(client: DockerClient, image: Image, *expression: str) -> list[str]:
    """The lines that find(1) prints in the image as root."""
    found = client.containers.run(image, entrypoint=["find", *expression], user="0", remove=True)
    return found.decode().splitlines()
