"""A stack that only the tests use: a copy of the checkout, a project name, volumes and a port.

The copy lies in a folder whose name has a space and an umlaut, and where root runs the tests it
belongs to another user, as a person's checkout may.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from docker import DockerClient

from stack import env_file, lifecycle, ports
from stack.modes import DEFAULT_PORT, ROOT, Mode, Stack

OWNER_BESIDE_ROOT = 4242

SHORT_DELAYS = "\nALARM_EXIT_DELAY=1\nALARM_ENTRY_DELAY=1\n"


@contextmanager
def own_stack(
    mode: Mode, client: DockerClient, aloud: Callable[[], AbstractContextManager[None]]
) -> Iterator[Stack]:
    """Build and start a stack for the tests; remove every trace of it afterwards.

    `aloud` is a context in which what is printed reaches the terminal.
    """
    with tempfile.TemporaryDirectory(prefix=f"alarm {mode.name} für Tests ") as folder:
        root = Path(folder) / "checkout"
        copy_checkout(root)
        env_file.ensure(root)
        with (root / ".env").open("a", encoding="utf-8") as env:
            env.write(SHORT_DELAYS)
        port = ports.free_port() if ports.is_taken(DEFAULT_PORT) else DEFAULT_PORT
        stack = Stack(mode, f"{mode.project}-smoke-{os.getpid()}", port, root)
        try:
            with aloud():
                lifecycle.up(stack, client)
            yield stack
        finally:
            with aloud():
                lifecycle.down(stack, volumes=True, images_too=True)


def copy_checkout(target: Path) -> None:
    """Copy the files that git tracks or would, as they are now."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    if os.geteuid() == 0:
        for path in (target, *target.rglob("*")):
            os.chown(path, OWNER_BESIDE_ROOT, OWNER_BESIDE_ROOT)
