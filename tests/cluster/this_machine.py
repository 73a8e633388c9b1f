"""A cluster on this machine's own engine: what it leaves there, and how that is removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docker import DockerClient


def is_in_swarm(client: DockerClient) -> bool:
    return bool(client.info()["Swarm"]["LocalNodeState"] != "inactive")


@contextmanager
def left_as_it_was(client: DockerClient) -> Iterator[None]:
    """The engine leaves a swarm that the block has made, if nothing else runs there."""
    was_in_swarm = is_in_swarm(client)
    try:
        yield
    finally:
        # Leaving takes the names from containers: https://github.com/moby/moby/issues/45144.
        if not was_in_swarm and is_in_swarm(client) and not client.containers.list():
            client.swarm.leave(force=True)


def remove_images(client: DockerClient, name: str, registry: str) -> None:
    """Remove a cluster's images; `registry` is a part of their names there."""
    for image in client.images.list():
        for tag in image.tags:
            if registry in tag or tag.startswith(f"{name}-"):
                client.images.remove(tag, force=True)
