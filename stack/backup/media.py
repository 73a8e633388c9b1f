"""Files that the app's users have uploaded (Django's MEDIA_ROOT): the volume `media` of production.

The engine reads and writes them through a container that is made for that, with the database's
image, which is there already.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stack.compose.project import PROJECT_LABEL, Project
from stack.core.console import Failure

if TYPE_CHECKING:
    from docker.models.containers import Container

VOLUME = "media"
VOLUME_LABEL = "com.docker.compose.volume"
FOLDER = "/media"
INCOMING = ".restored"
"""The folder in the volume that holds restored files until they replace the others."""

REPLACE = f"""
cd {FOLDER}
find . -mindepth 1 -maxdepth 1 ! -name {INCOMING} -exec rm -rf {{}} +
find {INCOMING} -mindepth 1 -maxdepth 1 -exec mv {{}} . \\;
rmdir {INCOMING}
"""


def read(project: Project) -> Iterator[bytes]:
    """A tar of the files in chunks; nothing where there are none."""
    if not _has_volume(project):
        return
    with _container(project) as container:
        chunks, _ = container.get_archive(f"{FOLDER}/.")
        yield from _unless_empty(chunks)


def put_beside(project: Project, chunks: Iterable[bytes]) -> None:
    """Write the files of a tar beside those that are served."""
    if not _has_volume(project):
        labels = {PROJECT_LABEL: project.name, VOLUME_LABEL: VOLUME}
        project.client.volumes.create(f"{project.name}_{VOLUME}", labels=labels)
    _run(project, f"rm -rf {FOLDER}/{INCOMING} && mkdir {FOLDER}/{INCOMING}")
    with _container(project) as container:
        container.put_archive(f"{FOLDER}/{INCOMING}", chunks)


def discard(project: Project) -> None:
    """Undo `put_beside`."""
    _run(project, f"rm -rf {FOLDER}/{INCOMING}")


def replace(project: Project) -> None:
    """Serve the files that were put beside, and remove the ones before."""
    _run(project, REPLACE)


def _has_volume(project: Project) -> bool:
    return f"{project.name}_{VOLUME}" in {v.name for v in project.client.volumes.list()}


def _unless_empty(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a tar; none where it holds only the folder itself."""
    rest = iter(chunks)
    first = b""
    # The tar of an empty folder is shorter.
    while len(first) <= tarfile.RECORDSIZE:
        if (chunk := next(rest, None)) is None:
            if first and not _is_empty(first):
                yield first
            return
        first += chunk
    yield first
    yield from rest


def _is_empty(tar: bytes) -> bool:
    with tarfile.open(fileobj=io.BytesIO(tar)) as members:
        return len(members.getnames()) <= 1  # the folder itself


def _run(project: Project, script: str) -> None:
    with _container(project, script) as container:
        container.start()
        if container.wait()["StatusCode"] != 0:
            reason = container.logs().decode(errors="replace").strip()
            raise Failure(
                f"The uploaded files could not be replaced: {reason}",
                f"See the volume: docker volume inspect {project.name}_{VOLUME}",
            )


@contextmanager
def _container(project: Project, script: str = ":") -> Iterator[Container]:
    """A container with the volume, which is removed after the block."""
    container = project.client.containers.create(
        project.containers()["db"].attrs["Image"],
        [script],
        entrypoint=["/bin/sh", "-euc"],
        user="0",
        network_disabled=True,
        volumes={f"{project.name}_{VOLUME}": {"bind": FOLDER, "mode": "rw"}},
    )
    try:
        yield container
    finally:
        container.remove(force=True)
