"""Reading a file of this machine that only root may read, through the engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stack.core.console import Failure
from stack.engine.one_off import output_of

if TYPE_CHECKING:
    from docker import DockerClient

PLACE = "/file"


def read(client: DockerClient, image: str, path: Path) -> bytes:
    """The content, read by root in a container of `image`. Raises Failure."""
    from docker.errors import ContainerError, DockerException
    from docker.types import Mount

    try:
        return output_of(
            client,
            image,
            *("cat", PLACE),
            user="0",
            # As the engine follows symbolic links, so do certbot's.
            mounts=[Mount(PLACE, str(path), type="bind", read_only=True)],
            network_mode="none",
            # With the engine's `userns-remap`, root of the container is another user.
            userns_mode="host",
            security_opt=["label=disable"],  # SELinux
        )
    except DockerException as error:
        reason = str(error.stderr if isinstance(error, ContainerError) else error)
        raise Failure(
            f"{path} cannot be read, by the engine's root neither: {reason.strip()}",
            "Type as root: ./bootstrap inv prod",
        ) from error
