"""Images for another processor than this machine's, e.g. a small ARM computer's: linux/arm64."""

from __future__ import annotations

import platform as machine
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stack import bases, debian, images, lifecycle
from stack.commands import run_quietly
from stack.console import Failure, say
from stack.modes import PROD, Stack

if TYPE_CHECKING:
    from docker import DockerClient

MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
"""The platforms that images are built for, by Docker's names, and what the kernel calls them."""

OVERLAY = "compose/platform.yml"
"""Gives the image of another platform a tag of its own."""

HANDLERS = Path("/proc/sys/fs/binfmt_misc")
"""Where the kernel keeps who runs other processors' programs.
https://docs.kernel.org/admin-guide/binfmt-misc.html"""

DESCRIPTIONS = Path("/usr/lib/binfmt.d")
"""Debian's qemu-user-static describes its emulators here, in the words that the kernel reads."""


def require(stack: Stack, platform: str) -> None:
    """Raise Failure unless `stack` can be built for `platform`."""
    if stack.mode is not PROD:
        raise Failure(
            "--platform is for production.", f"Type: inv prod.build --platform {platform}"
        )
    if platform not in MACHINES:
        known = " and ".join(MACHINES)
        raise Failure(
            f"{platform!r} is no platform that images are built for: {known} are.",
            "Type: inv prod.build --platform linux/arm64",
        )


def build(stack: Stack, client: DockerClient, platform: str) -> str:
    """Build production's image for `platform` and return its name.

    The page is built by this machine's own Node, since it is the same for every processor; the
    rest runs emulated, which takes some minutes. Raises Failure where nothing can emulate.
    """
    require(stack, platform)
    ensure_emulator(MACHINES[platform])
    architecture = platform.removeprefix("linux/")
    prepared = replace(lifecycle.prepare(stack, client, tell=False), overlay=OVERLAY)
    other = prepared.with_settings(
        PYTHON_IMAGE=python_image(client, architecture),
        PLATFORM=platform,
        ARCHITECTURE=architecture,
        NODE_PLATFORM=next(name for name, of in MACHINES.items() if of == machine.machine()),
    )
    lifecycle.build(other, client)
    return f"{stack.project}-app:{architecture}"


def python_image(client: DockerClient, architecture: str) -> str:
    """The Python base image to build on: the registry's, else a stand-in for `architecture`."""
    default = images.defaults()["PYTHON_IMAGE"]
    if images.registry_answers(client, default):
        return default  # the build takes the one for its platform
    image = bases.stand_in("python", architecture)
    if not images.is_local(client, image):
        bases.build(["python"], architecture=architecture)
    return image


def ensure_emulator(of: str) -> None:
    """Let the kernel run programs for the processor `of`, e.g. aarch64. Raises Failure."""
    if sys.platform != "linux":
        return  # Docker Desktop brings its own
    handler = HANDLERS / f"qemu-{of}"
    if of == machine.machine() or handler.exists():
        return
    if debian.release() is None or not debian.is_root():
        raise Failure(
            f"This machine cannot run programs for {of}.",
            "Type: sudo apt-get install qemu-user-static binfmt-support",
        )
    if not debian.is_installed("qemu-user-static"):
        debian.update()
        debian.install("qemu-user-static", "arch-test")
    if not handler.exists():  # no init system has read the package's description
        register(of)
    say(f"✓ This machine runs programs for {of}, emulated", style="green")


def register(of: str) -> None:
    """Tell the kernel, until the next boot, to run programs for `of` with QEMU."""
    register_file = HANDLERS / "register"
    if not register_file.exists():
        run_quietly(
            "The kernel's list of emulators",
            ["mount", "-t", "binfmt_misc", "binfmt_misc", str(HANDLERS)],
            remedy="See whether the kernel has it: modprobe binfmt_misc",
        )
    (description,) = DESCRIPTIONS.glob(f"qemu-{of}*.conf")
    register_file.write_text(description.read_text(encoding="ascii").strip(), encoding="ascii")
