"""An image of a newer major version of PostgreSQL, built like the project's own stand-in.

PgBouncer is in it, too.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from docker import DockerClient

from stack.core.process import run_quietly
from stack.images import base_images, stand_ins

VERSION = 17  # trixie's
IMAGE = f"alarm-tests/postgres-pgbouncer:{VERSION}"


def image(client: DockerClient) -> str:
    """The image's name; it is built once in an engine, which takes a minute."""
    if not base_images.is_local(client, IMAGE):
        with tempfile.TemporaryDirectory(prefix="alarm-tests-postgres-") as folder:
            _build(Path(folder))
    return IMAGE


def _build(context: Path) -> None:
    packages = (f"postgresql-{VERSION}", "pgbouncer", "tzdata")
    root = replace(stand_ins.POSTGRES, suite="trixie", packages=packages)
    shutil.copytree(stand_ins.DOCKER_FOLDER, context, dirs_exist_ok=True)
    tar = stand_ins.mmdebstrap(root, context / "postgres.tar")
    run_quietly(f"Root file system of {IMAGE}", tar, remedy="See whether apt-get update works")
    arguments = {"POSTGRES_MAJOR": str(VERSION), "PYTHON_IMAGE": stand_ins.STAND_INS["python"]}
    build = (
        *("docker", "build", "--target=postgres", f"--tag={IMAGE}"),
        *(f"--build-arg={name}={value}" for name, value in arguments.items()),
    )
    run_quietly(f"Image {IMAGE}", [*build, str(context)], remedy="Correct what is said above")
