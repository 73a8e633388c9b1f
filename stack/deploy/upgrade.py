"""`inv prod.upgrade`: a rollout with a backup in hand, which is verified by the smoke checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from stack.backup import store
from stack.compose import health, lifecycle
from stack.compose.project import Project
from stack.core.console import Failure, say
from stack.core.rollback import truth_after_commit
from stack.deploy import rollout, standby
from stack.deploy.rollout import Rollout
from stack.engine import disk
from stack.images import app_image, base_images
from stack.images.app_image import LATEST


def upgrade(
    project: Project,
    *,
    image: str = "",
    may_be_verified: Callable[[], bool],
    verified: Callable[[], bool],
) -> None:
    """Replace the running version by the checkout's, or by `image`, with a backup in hand.

    `verified` says whether the version that runs now keeps its promises; `may_be_verified`, asked
    before anything else, whether that can be found out: not while the alarm is armed. Raises
    Failure with everything as it was before (exit status 1; 130 after Ctrl-C), or saying what is
    not (2).
    """
    lifecycle.require_own_checkout(project)
    lifecycle.require_running(project)
    disk.require_room()
    health.wait_until_ready(project)
    if not may_be_verified():
        raise Failure(
            "The smoke checks cannot be made now, so no upgrade could be verified.",
            f"What they say is above; mend it, then: inv {project.mode.name}.upgrade",
        )
    with store.lock(project):
        say("What git has checked out is what you get; to get something newer first: git pull")
        project = lifecycle.prepare(project)
        project.require_readable()
        standby.remove_leftovers(project)
        old = rollout.serving(project)
        if old is None:
            raise Failure(
                f"The {project.mode.name} stack does not serve at a port.",
                f"Type: inv {project.mode.name}",
            )
        run = Rollout(project, old, lambda: _take(project, image), verified)
        remedy = f"See what runs: inv {project.mode.name}.status"
        with truth_after_commit(run.undo, "the upgrade", remedy):
            run.run("The upgrade failed")
            _tell(project, run)


def _take(project: Project, image: str) -> None:
    """Have the new image under the name that the project starts; pull or build it."""
    if not image:
        lifecycle.build(project)
        return
    if not base_images.is_local(project.client, image):
        base_images.pull(image)
    app_image.tag(project.name, project.client.images.get(image), LATEST)


def _tell(project: Project, run: Rollout) -> None:
    before, backup = run.before.labels, run.backup or Path()
    now = _version(project.containers()["app"].labels)
    say(f"✓ {project.name} runs {now}, before {_version(before)}.", "bold green")
    revision = before.get("org.opencontainers.image.revision", "…").removesuffix("-dirty")
    verb = f"inv {project.mode.name}"
    say(f"Back by hand: git checkout {revision} && {verb}.build && {verb}.restore {backup.name}")


def _version(labels: Mapping[str, str]) -> str:
    label = "org.opencontainers.image."
    return f"{labels.get(label + 'version')} ({labels.get(label + 'revision')})"
