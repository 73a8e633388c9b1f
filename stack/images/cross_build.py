"""Images for another processor than this machine's, e.g. a small ARM computer's: linux/arm64."""

from __future__ import annotations

import platform as host_platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stack.core.console import Failure, say
from stack.core.process import run_quietly
from stack.engine import debian
from stack.images import base_images, stand_ins

if TYPE_CHECKING:
    from docker import DockerClient

PROCESSORS = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
"""The platforms that images are built for, and the kernel's names for their processors."""

OVERLAY = "compose/platform.yml"
"""Gives the image of another platform a tag of its own."""

HANDLERS = Path("/proc/sys/fs/binfmt_misc")
"""The kernel's list of emulators: https://docs.kernel.org/admin-guide/binfmt-misc.html"""

DESCRIPTIONS = Path("/usr/lib/binfmt.d")
"""Debian's qemu-user-static describes its emulators here, in the form that the kernel reads."""


def require(platform: str) -> None:
    """Raise Failure unless images can be built for `platform`."""
    if platform not in PROCESSORS:
        known = " and ".join(PROCESSORS)
        raise Failure(
            f"Images are built for {known}, not for {platform!r}.",
            "Type: inv prod.build --platform linux/arm64",
        )


def variables(client: DockerClient, platform: str) -> dict[str, str]:
    """The variables of compose/platform.yml. Lets the kernel run the platform's programs before.

    The page is built by this machine's own Node, since it is the same for every processor; the
    rest runs emulated, which takes some minutes. Raises Failure where there is no emulator.
    """
    ensure_emulator(PROCESSORS[platform])
    architecture = platform.removeprefix("linux/")
    by_processor = {processor: name for name, processor in PROCESSORS.items()}
    # From the registry the build takes the image for its platform.
    python = base_images.defaults()["PYTHON_IMAGE"]
    if not base_images.registry_answers(client, python):
        python = stand_ins.name("python", architecture)
        stand_ins.build(["python"], architecture=architecture)
    return {
        "PYTHON_IMAGE": python,
        "PLATFORM": platform,
        "ARCHITECTURE": architecture,
        "NODE_PLATFORM": by_processor[host_platform.machine()],
    }


def ensure_emulator(processor: str) -> None:
    """Let the kernel run programs for `processor`, e.g. aarch64. Raises Failure."""
    if sys.platform != "linux":
        return  # Docker Desktop has its own
    handler = HANDLERS / f"qemu-{processor}"
    if processor == host_platform.machine() or handler.exists():
        return
    if debian.release() is None or not debian.is_root():
        raise Failure(
            f"This machine cannot run programs for {processor}.",
            "Type: sudo apt-get install qemu-user-static binfmt-support",
        )
    if not debian.is_installed("qemu-user-static"):
        debian.update()
        debian.install("qemu-user-static", "arch-test")
    if not handler.exists():  # no init system has read the package's description
        register(processor)
    say(f"✓ This machine runs programs for {processor}, emulated", style="green")


def register(processor: str) -> None:
    """Tell the kernel, until the next boot, to run its programs with QEMU."""
    register_file = HANDLERS / "register"
    if not register_file.exists():
        run_quietly(
            "The kernel's list of emulators",
            ["mount", "-t", "binfmt_misc", "binfmt_misc", str(HANDLERS)],
            remedy="See whether the kernel has it: modprobe binfmt_misc",
        )
    (description,) = DESCRIPTIONS.glob(f"qemu-{processor}*.conf")
    register_file.write_text(description.read_text(encoding="ascii").strip(), encoding="ascii")
