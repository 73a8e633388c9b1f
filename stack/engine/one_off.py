"""The output of a program in a container that is made for it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docker import DockerClient


def output_of(client: DockerClient, image: str, *argv: str, **options: Any) -> bytes:
    """Run a program of an image, without its entry point, and return its standard output.

    The container is removed with the volumes that its image declares; `run(remove=True)` of
    Docker's SDK would leave them behind. `options` are those of its `create`. Raises
    DockerException, of which ContainerError says that the program has failed.
    """
    from docker.errors import ContainerError  # start-up time of inv --list
    from docker.types import LogConfig

    # Whatever the engine's default is, the output has to be read.
    kept = LogConfig(type=LogConfig.types.JSON)
    container = client.containers.create(image, entrypoint=[*argv], log_config=kept, **options)
    try:
        container.start()
        status = container.wait()["StatusCode"]
        if status:
            said = container.logs(stdout=False, stderr=True).decode(errors="replace")
            raise ContainerError(container, status, [*argv], image, said)
        return bytes(container.logs(stdout=True, stderr=False))
    finally:
        container.remove(force=True, v=True)
