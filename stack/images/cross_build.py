"""Images for another processor than this machine's, e.g. a small ARM computer's: linux/arm64."""

from __future__ import annotations

import platform as machine
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stack.core.console import Failure, say
from stack.core.process import run_quietly
from stack.engine import debian
from stack.images import base_images, fallback

if TYPE_CHECKING:
    from docker import DockerClient

MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
"""The platforms that images are built for, by Docker's names, and what the kernel calls them."""

OVERLAY = "compose/platform.yml"
"""Gives the image of another platform a tag of its own."""

HANDLERS = Path("/proc/sys/fs/binfmt_misc")
"""Where the kernel lists the interpreters of other processors' programs.
https://docs.kernel.org/admin-guide/binfmt-misc.html"""

DESCRIPTIONS = Path("/usr/lib/binfmt.d")
"""Debian's qemu-user-static describes its emulators here, in the words that the kernel reads."""


def require(platform: str) -> None:
    """Raise Failure unless images can be built for `platform`."""
    if platform not in MACHINES:
        known = " and ".join(MACHINES)
        raise Failure(
            f"{platform!r} is no platform that images are built for: {known} are.",
            "Type: inv prod.build --platform linux/arm64",
        )


def variables(client: DockerClient, platform: str) -> dict[str, str]:
    """The variables of compose/platform.yml, with the kernel able to run the platform's programs.

    The page is built by this machine's own Node, since it is the same for every processor; the
    rest runs emulated, which takes some minutes. Raises Failure where nothing can emulate.
    """
    ensure_emulator(MACHINES[platform])
    architecture = platform.removeprefix("linux/")
    return {
        "PYTHON_IMAGE": python_image(client, architecture),
        "PLATFORM": platform,
        "ARCHITECTURE": architecture,
        "NODE_PLATFORM": next(name for name, of in MACHINES.items() if of == machine.machine()),
    }


def python_image(client: DockerClient, architecture: str) -> str:
    """The Python base image to build on: the registry's, else a stand-in for `architecture`."""
    default = base_images.defaults()["PYTHON_IMAGE"]
    if base_images.registry_answers(client, default):
        return default  # the build takes the one for its platform
    image = fallback.stand_in("python", architecture)
    if not base_images.is_local(client, image):
        fallback.build(["python"], architecture=architecture)
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
