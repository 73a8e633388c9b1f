"""Major versions of PostgreSQL: an image reads only data that its own major version has made."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from stack.compose import health
from stack.compose.project import Project
from stack.core.console import Failure
from stack.engine.one_off import output_of
from stack.images import base_images

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

VARIABLE = "POSTGRES_IMAGE"
DATA = "/var/lib/postgresql/data"
"""PGDATA, as in compose/base.yml."""


def image_of(project: Project) -> str:
    """The image of PostgreSQL that a start takes; `project` is prepared."""
    return dict(project.settings).get(VARIABLE, base_images.defaults()[VARIABLE])


def setting_for(major: int) -> str:
    """What to do in .env for an image of that major version, as the start of a remedy."""
    image = f"postgres:{major}"
    if image == base_images.defaults()[VARIABLE]:
        return f"Remove {VARIABLE} from .env and the environment"
    return f"Set {VARIABLE}={image} in .env"


def require_readable(project: Project) -> None:
    """Raise Failure if the image cannot read the data that the stack has; nothing is stopped.

    Where the database's container serves from that image already, nothing is asked. An external
    server has its data itself.
    """
    if project.is_external:
        return
    client, image = project.client, image_of(project)
    if not base_images.is_local(client, image):
        base_images.pull(image)
    db = project.containers().get("db")
    serves = db is not None and health.state(db) == "healthy"
    if serves and db and db.attrs["Image"] == client.images.get(image).id:
        return
    made_by = of_data(project, image)
    if made_by is None or made_by == (major := of_image(client, image)):
        return
    verb = f"inv {project.mode.name}"
    remedy = f"Type: {verb}.upgrade-database"
    if major < made_by:
        remedy = f"{setting_for(made_by)}, then: {verb}"
    raise Failure(
        f"The database of {project.name} was made by PostgreSQL {made_by}; {image} is {major}.",
        remedy,
    )


def of_image(client: DockerClient, image: str) -> int:
    """The major version of an image that the engine has."""
    variables = client.images.get(image).attrs["Config"]["Env"] or []
    if told := [v.partition("=")[2] for v in variables if v.startswith("PG_MAJOR=")]:
        return int(told[0])
    said = output_of(client, image, "postgres", "--version", network_disabled=True)
    # For example `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
    return int(said.split()[2].partition(b".")[0])


def of_data(project: Project, image: str) -> int | None:
    """The major version that made the data; None where there is none yet."""
    client = project.client
    db = project.containers().get("db")
    if db is not None and project.data_volume in {m.get("Name") for m in db.attrs["Mounts"]}:
        return _version_in(db)
    if not project.has_data():
        return None
    # Files of a container can be read before it starts.
    reader = client.containers.create(image, volumes={project.data_volume: {"bind": DATA}})
    try:
        return _version_in(reader)
    finally:
        reader.remove(v=True)


def _version_in(container: Container) -> int | None:
    from docker.errors import NotFound

    try:
        chunks, _ = container.get_archive(f"{DATA}/PG_VERSION")
    except NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        file = archive.extractfile("PG_VERSION")
        text = file.read().strip() if file else b""
    return int(text.partition(b".")[0]) if text else None
