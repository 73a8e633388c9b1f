"""`inv prod.upgrade`: a rollout with a backup, verified by the smoke checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from stack.backup import store
from stack.compose import health, lifecycle
from stack.compose.project import Project
from stack.core.console import Failure, say
from stack.core.rollback import report_interrupt_after_commit
from stack.database import client, major, password
from stack.deploy import rollout, standby
from stack.deploy.rollout import Rollout
from stack.doctor import backend
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
    """Replace the running version by the checkout's, or by `image`, after a backup.

    `verified` returns whether the running version works; `may_be_verified` whether that can be
    checked now, which is not so while the checks would disturb what it does. Raises Failure after
    a rollback (exit status 1; 130 after Ctrl-C), or when the rollback failed (2).
    """
    lifecycle.require_own_checkout(project)
    lifecycle.require_running(project)
    backend.require(project.root, project.client)
    disk.require_room()
    health.wait_until_ready(project)
    if not may_be_verified():
        raise Failure(
            "The smoke checks cannot be made now, so no upgrade could be verified.",
            f"What they say is above; correct it, then: inv {project.mode.name}.upgrade",
        )
    with store.lock(project):
        say("The new version is what git has checked out; for a newer one, first: git pull")
        project = lifecycle.prepare(project)
        client.require_answer(project)
        major.require_readable(project)
        password.require_fitting(project)
        standby.remove_leftovers(project)
        old = rollout.replaceable_app(project)
        if old is None:
            raise Failure(
                f"The {project.mode.name} stack does not serve at a port.",
                f"Type: inv {project.mode.name}",
            )
        run = Rollout(project, old, lambda: _take(project, image), verified)
        remedy = f"See what runs: inv {project.mode.name}.status"
        with report_interrupt_after_commit(run.undo, "the upgrade", remedy):
            run.run("The upgrade failed")
            _tell(project, run)


def _take(project: Project, image: str) -> None:
    """Build or pull the new image, under the name that the project starts."""
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
    say("To go back by hand:")
    say(f"  git checkout {revision} && {verb}.build && {verb}.restore {backup.name}")


def _version(labels: Mapping[str, str]) -> str:
    label = "org.opencontainers.image."
    return f"{labels.get(label + 'version')} ({labels.get(label + 'revision')})"
