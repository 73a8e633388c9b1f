"""A stack that only the tests use: a copy of the checkout, a project name, volumes and a port.

The copy lies in a folder whose name has a space and an umlaut, and where root runs the tests it
belongs to another user, as a user's checkout may. Without containers it belongs to root, and other
users cannot read it, like root's home.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from stack.adopt import contents
from stack.cli.runner import Runner, for_project
from stack.compose import lifecycle, ports
from stack.compose.project import Project
from stack.config import ca_bundle, checkout_files, dotenv, project_name
from stack.config.modes import DEFAULT_PORT, LOCAL, ROOT, Mode
from stack.core.console import Failure, say
from stack.doctor import leftovers
from stack.images import base_images

OWNER_BESIDE_ROOT = 4242

SHORT_DELAYS = "\nALARM_EXIT_DELAY=1\nALARM_ENTRY_DELAY=1\n"


@contextmanager
def session_stack(request: pytest.FixtureRequest, mode: Mode) -> Iterator[Runner]:
    """The own stack of a pytest session; its log is printed at the end if a test has failed."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    uncaptured = capture.global_and_fixture_disabled
    try:
        with own_stack(mode, uncaptured) as runner:
            yield runner
            if request.session.testsfailed:
                with uncaptured():
                    say(f"Log of {runner.project.name}:", style="bold")
                    runner.logs(None, tail="200", follow=False)
    except Failure as failure:
        pytest.exit(str(failure), returncode=1)


@contextmanager
def own_stack(
    mode: Mode,
    uncaptured: Callable[[], AbstractContextManager[None]],
    settings: str = "",
    *,
    suffix: str = "",
    prepare: Callable[[Path], None] = lambda root: None,
) -> Iterator[Runner]:
    """Build and start a stack for the tests; remove every trace of it afterwards.

    In the context `uncaptured`, output reaches the terminal. `settings` are lines of its `.env`.
    A second stack of a process has a `suffix` in its name. `prepare` gets the checkout's copy.
    """
    with tempfile.TemporaryDirectory(prefix=f"alarm {mode.name} für Tests ") as folder:
        root = Path(folder) / "checkout"
        copy_checkout(root, OWNER_BESIDE_ROOT if mode is not LOCAL else os.geteuid())
        # This process's id tells the stack of a killed run from one that still runs.
        name = f"{project_name.from_path(root)}-test-{os.getpid()}{suffix}"
        checkout_files.ensure(root, name)
        with (root / ".env").open("a", encoding="utf-8") as env:
            own = f"{SHORT_DELAYS}{settings_of_builds()}{settings}"
            env.write(f"\n{own}")
        prepare(root)
        with claimed_port(mode) as port:
            project = Project(mode, f"{name}-{mode.name}", port, root)
            runner = for_project(project)
            try:
                with uncaptured():
                    runner.up()
                yield runner
            finally:
                with uncaptured():
                    if mode is LOCAL:
                        runner.down(data=True)
                    else:
                        remove(project)


def remove(project: Project) -> None:
    """Remove a stack with its data and its images."""
    lifecycle.down(project, volumes=True)
    leftovers.remove_projects(project.client, project.name)


@contextmanager
def claimed_port(mode: Mode) -> Iterator[int]:
    """The default port, if it is free and no other run of the tests has claimed it, else another.

    A stack without containers gets another one: its port is free while it restarts.
    """
    with Path(tempfile.gettempdir(), f"alarm-tests-{os.geteuid()}.lock").open("w") as claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = mode is not LOCAL and not ports.is_taken(DEFAULT_PORT)
        except BlockingIOError:
            is_ours = False
        yield DEFAULT_PORT if is_ours else ports.free_port()


def settings_of_builds() -> str:
    """The settings of builds in this checkout's `.env`, as lines of another."""
    own = dotenv.read(ROOT / ".env")
    known = set(base_images.defaults())
    # The default is the copy that this checkout's first build makes.
    chosen = ROOT / (own.get("CA_BUNDLE") or ca_bundle.COPY)
    if chosen != ROOT / ca_bundle.COPY:
        own["CA_BUNDLE"] = str(chosen)
        known.add("CA_BUNDLE")
    return "".join(f"{name}={own[name]}\n" for name in sorted(known) if name in own)


def copy_checkout(target: Path, owner: int) -> None:
    """Copy the current files that git tracks or would track; as root, give them to `owner`."""
    for name in contents.tracked_files():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    if os.geteuid() == 0:
        for path in (target, *target.rglob("*")):
            os.chown(path, owner, owner)
