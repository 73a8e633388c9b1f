"""A stack that only the tests use: a copy of the checkout, a project name, volumes and a port.

The copy lies in a folder whose name has a space and an umlaut, and where root runs the tests it
belongs to another user, as a person's checkout may. Without containers it is root's own, and as
closed to others as root's home is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from stack.cli.runner import Runner, of_stack
from stack.compose import lifecycle, ports
from stack.compose.project import Project
from stack.config import ca_bundle, checkout_files, dotenv, project_name
from stack.config.modes import DEFAULT_PORT, LOCAL, ROOT, Mode
from stack.config.version import GIT
from stack.core.console import Failure, say
from stack.doctor import leftovers
from stack.engine import docker_engine
from stack.images import base_images

OWNER_BESIDE_ROOT = 4242

SHORT_DELAYS = "\nALARM_EXIT_DELAY=1\nALARM_ENTRY_DELAY=1\n"


@contextmanager
def of_session(request: pytest.FixtureRequest, mode: Mode) -> Iterator[Runner]:
    """The own stack of a session of tests; its log is printed at the end if a test has failed."""
    # What starting and stopping say is worth seeing while it happens.
    aloud = request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled
    with own_stack(mode, aloud) as runner:
        yield runner
        if request.session.testsfailed:
            with aloud():
                say(f"Log of {runner.project.name}:", style="bold")
                runner.logs(None, tail="200", follow=False)


@contextmanager
def own_stack(
    mode: Mode, aloud: Callable[[], AbstractContextManager[None]], settings: str = ""
) -> Iterator[Runner]:
    """Build and start a stack for the tests; remove every trace of it afterwards.

    `aloud` is a context in which what is printed reaches the terminal. `settings` are lines of its
    `.env`.
    """
    with tempfile.TemporaryDirectory(prefix=f"alarm {mode.name} für Tests ") as folder:
        root = Path(folder) / "checkout"
        copy_checkout(root, OWNER_BESIDE_ROOT if mode is not LOCAL else os.geteuid())
        # With this process's id, so that what a killed run has left can be told from what runs.
        name = f"{project_name.from_path(root)}-smoke-{os.getpid()}"
        checkout_files.ensure(root, name)
        with (root / ".env").open("a", encoding="utf-8") as env:
            own = f"{SHORT_DELAYS}{settings_of_builds()}{settings}"
            env.write(f"\n{own}")
        # Between the starts of one without containers anybody could take the usual port.
        is_free = mode is not LOCAL and not ports.is_taken(DEFAULT_PORT)
        port = DEFAULT_PORT if is_free else ports.free_port()
        project = Project(mode, f"{name}-{mode.name}", port, root)
        runner = of_stack(project)
        try:
            with aloud():
                runner.up()
            yield runner
        finally:
            with aloud():
                if mode is LOCAL:
                    runner.down(data=True)
                else:
                    lifecycle.down(project, volumes=True, images_too=True)
                    # `down` removes the image that Compose has named; its other tags are left.
                    leftovers.remove_project(docker_engine.connect(), project.name)


def settings_of_builds() -> str:
    """What the person's .env says of builds, as lines of one."""
    own = dotenv.read(ROOT / ".env")
    known = set(base_images.defaults())
    # By itself it is the copy that this checkout's builds use, which its first build makes.
    chosen = ROOT / (own.get("CA_BUNDLE") or ca_bundle.COPY)
    if chosen != ROOT / ca_bundle.COPY:
        own["CA_BUNDLE"] = str(chosen)
        known.add("CA_BUNDLE")
    return "".join(f"{name}={own[name]}\n" for name in sorted(known) if name in own)


def copy_checkout(target: Path, owner: int) -> None:
    """Copy the files that git tracks or would, as they are now; root gives them to `owner`."""
    for name in known_files():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    if os.geteuid() == 0:
        for path in (target, *target.rglob("*")):
            os.chown(path, owner, owner)


def known_files() -> list[str]:
    """The files of the checkout that git tracks or would, as paths below it."""
    listing = [*GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(f"git cannot list the checkout's files: {error}", "Clone it anew.") from error
    return list(filter(None, listed.stdout.split("\0")))
