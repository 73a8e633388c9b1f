"""The images of a cluster's own services, built from Debian packages and a wheel: docker/cluster/.

They have names of the project's own, as the stand-ins for base images (stand_ins.py).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from stack.config import ca_bundle
from stack.config.modes import ROOT
from stack.core import files
from stack.core.process import run_quietly
from stack.engine import docker_engine
from stack.images import base_images, stand_ins

if TYPE_CHECKING:
    from docker import DockerClient

FOLDER = ROOT / "docker" / "cluster"

FOLDERS = {
    "alarm-bases/traefik:3.7": "traefik",
    "alarm-bases/registry:2": "registry",
    "alarm-bases/docker-api:1": "docker-api",
}
"""Where each image is made, by its name in compose/cluster.yml."""

DIGEST = "alarm.sources"
"""A label: of what the image was built."""


def build(client: DockerClient, images: Iterable[str], python: str) -> None:
    """Build those that are missing, or older than their sources, on the base image `python`."""
    for image in sorted(FOLDERS.keys() & set(images)):
        folder = FOLDER / FOLDERS[image]
        digest = _digest(folder, python)
        is_there = base_images.is_local(client, image)
        if is_there and client.images.get(image).labels.get(DIGEST) == digest:
            continue
        with files.temporary_folder("alarm-cluster-") as context:
            shutil.copytree(folder, context, dirs_exist_ok=True)
            run_quietly(
                f"Image {image}",
                _docker_build(image, context, python, digest),
                remedy="Correct what is said above, then type the command again",
                env={"BUILDX_BUILDER": docker_engine.endpoint().builder},
            )


def _docker_build(image: str, context: Path, python: str, digest: str) -> list[str]:
    bundle = ca_bundle.ca_bundle(ROOT)
    return [
        *("docker", "build", "--progress=plain", f"--tag={image}", f"--label={DIGEST}={digest}"),
        f"--build-arg=PYTHON_IMAGE={python}",
        *(f"--build-arg={name}" for name in stand_ins.FROM_THE_ENVIRONMENT),
        *([f"--secret=id=ca-bundle,src={bundle}"] if bundle else []),
        str(context),
    ]


def _digest(folder: Path, python: str) -> str:
    found = hashlib.sha256(python.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:16]
