"""What this package needs of stack/ and of other tests: all of its imports from there."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import IO

from stack.config.ca_bundle import ca_bundle as host_ca_bundle
from stack.config.modes import ROOT
from stack.core.console import Failure, lines, say, step, table
from stack.core.polling import NeverHappened, wait_until
from stack.images import base_images, fallback
from tests.smoke.own_stack import known_files
from tests.smoke.panel import ADMIN, PIN

__all__ = ["ADMIN", "PIN", "ROOT", "Failure", "NeverHappened"]
__all__ += ["lines", "say", "step", "table", "wait_until"]

FOLDER = ROOT / ".engines"
"""What a run leaves: a log of each engine, and the table for a script."""

BASE_IMAGES = fallback.STAND_INS
"""Each kind of base image ("python") with the image that the project builds for it."""

OFFICIAL = {base_images.kind(name): image for name, image in base_images.defaults().items()}
"""Each kind of base image with the official one, which is the project's default."""

OFFICIAL_POSTGRES = f"docker.io/library/{OFFICIAL['postgres']}"


def have_base_images() -> None:
    """Build the project's own base images in this machine's engine, where they are missing."""
    fallback.build()


USERS = {"postgres": fallback.POSTGRES.before, "mosquitto": fallback.MOSQUITTO.before}
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
    root = fallback.RootFilesystem(suite, packages, before=before)
    program, *arguments = fallback.mmdebstrap(root, target)
    if also:
        others = fallback.mmdebstrap(fallback.RootFilesystem(also, ()), target)
        arguments += [line for line in others if line.startswith("deb ")]
    # A mirror of a suite that still changes may be older than its index says that it may be.
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
        for name in known_files():
            if (ROOT / name).is_file():
                archive.add(ROOT / name, name, filter=owned)


def network_settings() -> list[str]:
    """Options of `docker run` that give a container this machine's way to pip, npm and their CA."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY")
    options = [f"--env={name}" for name in names if name in os.environ]
    if Path("/etc/pip.conf").exists():
        options.append("--volume=/etc/pip.conf:/etc/pip.conf:ro")
    if bundle := ca_bundle():
        options.append(f"--volume={bundle}:/etc/ssl/certs/ca-certificates.crt:ro")
    return options
