"""`inv dev` and `inv prod`: build what changed, and put it into service."""

from __future__ import annotations

from dataclasses import replace

from stack.backup import store
from stack.compose import lifecycle, ports
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core.console import Failure
from stack.deploy import rollout, standby
from stack.deploy.rollout import Rollout
from stack.engine import disk
from stack.images import cross_build


def up(project: Project) -> None:
    """Build what changed, start the containers and wait until they are healthy.

    Where production serves, a version or a setting with which it would not get ready is rolled
    back. Raises Failure, after printing each service's state and its last log lines.
    """
    lifecycle.require_own_checkout(project)
    ports.require_free(project)
    disk.require_room()
    project = lifecycle.prepare(project)
    project.require_readable()
    if project.mode is PROD:
        standby.remove_leftovers(project)
    old = rollout.serving(project) if project.mode is PROD else None
    if old is None:
        lifecycle.build(project)
    else:
        with store.lock(project):
            run = Rollout(project, old, lambda: lifecycle.build(project))
            run.run("The new version is not put in service")
    lifecycle.start(project)


def build_for(project: Project, platform: str) -> str:
    """Build production's image for another processor's `platform` and return its name."""
    if project.mode is not PROD:
        raise Failure(
            "--platform is for production.", f"Type: inv prod.build --platform {platform}"
        )
    cross_build.require(platform)
    prepared = replace(lifecycle.prepare(project, tell=False), overlay=cross_build.OVERLAY)
    variables = cross_build.variables(project.client, platform)
    lifecycle.build(prepared.with_settings(**variables))
    return f"{project.name}-app:{variables['ARCHITECTURE']}"
