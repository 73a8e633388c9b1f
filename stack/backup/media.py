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
from stack.database.server import Server

if TYPE_CHECKING:
    from docker.models.containers import Container

VOLUME = "media"
VOLUME_LABEL = "com.docker.compose.volume"
FOLDER = "/media"
INCOMING, CHOSEN, PREVIOUS = ".restored", ".chosen", ".previous"
"""Folders in the volume: restored files, as long as they are written; the same once all of the old
ones are away; the old ones."""

MOVE = f"""
move() {{ # FROM TO: all but our own folders; what the app has written there meanwhile is replaced
    find "$1" -mindepth 1 -maxdepth 1 ! -name {INCOMING} ! -name {CHOSEN} ! -name {PREVIOUS} \\
        -exec sh -euc '
            to=$1; shift
            for each; do rm -rf "$to/${{each##*/}}"; mv "$each" "$to/"; done
        ' sh "$2" {{}} +
}}
"""

# The old files go before the first new one comes, all by renames, which need no room. A run that is
# killed is finished by the next one: PREVIOUS is made when the new files are whole.
FINISH = f"""
if [ -d {INCOMING} ] && [ -d {PREVIOUS} ]; then
    move . {PREVIOUS}
    mv {INCOMING} {CHOSEN}
fi
if [ -d {CHOSEN} ]; then
    move {CHOSEN} .
    rm -rf {CHOSEN}
fi
rm -rf {PREVIOUS}
"""

CLEAN_UP = f"{FINISH}rm -rf {INCOMING}"
"""Finish an interrupted replacement; remove the files of a restore that did not get so far."""

PREPARE = f"{CLEAN_UP}\nmkdir {INCOMING}"
REPLACE = f"sync\nmkdir {PREVIOUS}{FINISH}"


def script(steps: str, folder: str = FOLDER) -> str:
    """A shell script with these steps in the volume."""
    return f"set -eu\ncd '{folder}'{MOVE}{steps}"


def read(project: Project) -> Iterator[bytes]:
    """A tar of the files in chunks; nothing where there are none."""
    if not _has_volume(project):
        return
    _run(project, script(CLEAN_UP))
    with _container(project) as container:
        chunks, _ = container.get_archive(f"{FOLDER}/.")
        yield from _unless_empty(chunks)


def put_beside(project: Project, chunks: Iterable[bytes]) -> None:
    """Write the files of a tar beside those that are served."""
    if not _has_volume(project):
        labels = {PROJECT_LABEL: project.name, VOLUME_LABEL: VOLUME}
        project.client.volumes.create(f"{project.name}_{VOLUME}", labels=labels)
    _run(project, script(PREPARE))
    with _container(project) as container:
        container.put_archive(f"{FOLDER}/{INCOMING}", chunks)


def discard(project: Project) -> None:
    """Undo `put_beside`."""
    _run(project, script(CLEAN_UP))


def replace(project: Project) -> None:
    """Serve the files that were put beside, and remove the ones before."""
    _run(project, script(REPLACE))


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
        Server(project).container.attrs["Image"],
        [script],
        entrypoint=["/bin/sh", "-euc"],
        user="0",
        network_disabled=True,
        volumes={f"{project.name}_{VOLUME}": {"bind": FOLDER, "mode": "rw"}},
    )
    try:
        yield container
    finally:
        container.remove(force=True, v=True)  # the database's image declares a volume
