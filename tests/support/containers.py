"""A container's image and the output of a command in it."""

from __future__ import annotations

from docker.models.containers import Container
from docker.models.images import Image


def image_of(container: Container) -> Image:
    image = container.image
    assert image is not None, f"the image of {container.name} is gone"
    return image


def output_of(container: Container, *argv: str) -> str:
    """The standard output of a command that has to succeed."""
    done = container.exec_run(list(argv), stderr=False)
    assert isinstance(done.output, bytes)
    assert done.exit_code == 0, done
    return done.output.decode(errors="replace")
