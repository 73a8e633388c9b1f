"""A container's image and the output of a command in it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from docker import DockerClient
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


@contextmanager
def nothing_left(client: DockerClient) -> Iterator[None]:
    """Check that containers that are removed in the block leave no volume without a name."""
    since = int(time.time())
    yield
    until = int(time.time()) + 1  # the engine counts whole seconds
    events = [*client.events(since=since, until=until, decode=True)]
    removed = {event["Actor"]["ID"] for event in events if event["Action"] == "destroy"}
    mounted = [event["Actor"] for event in events if event["Action"] == "mount"]
    of_removed = {v["ID"] for v in mounted if v["Attributes"]["container"] in removed}
    nameless = {volume for volume in of_removed if re.fullmatch("[0-9a-f]{64}", volume)}
    left = {volume.id for volume in client.volumes.list()} & nameless
    assert left == set()
