"""This package's imports from stack/ and from other tests."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import IO

from stack.adopt.contents import tracked_files
from stack.config.ca_bundle import ca_bundle as host_ca_bundle
from stack.config.modes import ROOT
from stack.core.console import Failure, print_output, say, step, table
from stack.core.polling import NeverHappened, wait_until
from stack.images import base_images, stand_ins
from tests.support.panel import ADMIN, PIN

__all__ = ["ADMIN", "PIN", "ROOT", "Failure", "NeverHappened"]
__all__ += ["print_output", "say", "step", "table", "wait_until"]

FOLDER = ROOT / ".engines"
"""The results of a run: a log of each engine, and the table as JSON."""

BASE_IMAGES = stand_ins.STAND_INS
"""Each kind of base image ("python") with the image that the project builds for it."""

OFFICIAL = {base_images.kind(name): image for name, image in base_images.defaults().items()}
"""Each kind of base image with the official one, which is the project's default."""

OFFICIAL_POSTGRES = f"docker.io/library/{OFFICIAL['postgres']}"


def have_base_images() -> None:
    """Build the project's own base images in this machine's engine, if they are missing."""
    stand_ins.build()


USERS = {"postgres": stand_ins.POSTGRES.before, "mosquitto": stand_ins.MOSQUITTO.before}
"""Commands for mmdebstrap that give these programs' users the official images' numbers."""


def root_filesystem(
    suite: str,
    packages: tuple[str, ...],
    target: Path,
    *,
    before: tuple[str, ...] = (),
    also: str | None = None,
) -> list[str]:
    """The command that writes `target`, a tar file, of Debian's `suite` with these packages.

    `before` are shell commands for mmdebstrap; `also` is a second suite to take packages from.
    """
    root = stand_ins.RootFilesystem(suite, packages, before=before)
    program, *arguments = stand_ins.mmdebstrap(root, target)
    if also:
        others = stand_ins.mmdebstrap(stand_ins.RootFilesystem(also, ()), target)
        arguments += [line for line in others if line.startswith("deb ")]
    # A mirror of a changing suite may be older than its index allows.
    return [program, '--aptopt=Acquire::Check-Valid-Until "false"', *arguments]


def ca_bundle() -> Path | None:
    """The certificates that this machine trusts, for a network with an inspecting proxy."""
    return host_ca_bundle(ROOT)


def write_checkout(target: IO[bytes], uid: int) -> None:
    """Write the checkout's files, as they are now, to a tar stream as the files of user `uid`."""

    def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = uid
        return entry

    with tarfile.open(fileobj=target, mode="w|") as archive:
        for name in tracked_files():
            if (ROOT / name).is_file():
                archive.add(ROOT / name, name, filter=owned)


def network_settings() -> list[str]:
    """Options of `docker run` for this machine's pip, npm and CA settings."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY")
    options = [f"--env={name}" for name in names if name in os.environ]
    if Path("/etc/pip.conf").exists():
        options.append("--volume=/etc/pip.conf:/etc/pip.conf:ro")
    if bundle := ca_bundle():
        options.append(f"--volume={bundle}:/etc/ssl/certs/ca-certificates.crt:ro")
    return options
