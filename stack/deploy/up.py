"""`inv dev` and `inv prod`: build what changed, and put it into service."""

from __future__ import annotations

from dataclasses import replace

from stack.backup import store
from stack.compose import lifecycle, ports
from stack.compose.project import Project
from stack.config import dotenv
from stack.config.modes import DEV, PROD
from stack.core import watches
from stack.core.console import Failure
from stack.database import client, collations, major, password
from stack.database.server import Server
from stack.deploy import rollout, standby
from stack.deploy.rollout import Rollout
from stack.doctor import backend, frontend
from stack.engine import disk
from stack.images import cross_build


def up(project: Project) -> None:
    """Build what changed, start the containers and wait until they are healthy.

    Where production serves, a version or a setting with which it would not get ready is rolled
    back. Raises Failure, after printing each service's state and its last log lines.
    """
    lifecycle.require_own_checkout(project)
    backend.require(project.root, project.client)
    frontend.require(project.root)
    ports.require_free(project)
    disk.require_room()
    if project.mode is DEV and dotenv.setting(project.root, "ALARM_POLLING") != "true":
        watches.require(project.root)
    project = lifecycle.prepare(project)
    client.require_answer(project)
    major.require_readable(project)
    password.require_fitting(project)
    if project.mode is PROD:
        standby.remove_leftovers(project)
    old = rollout.replaceable_app(project) if project.mode is PROD else None
    if old is None:
        lifecycle.build(project)
    else:
        with store.lock(project):
            run = Rollout(project, old, lambda: lifecycle.build(project))
            run.run("The new version was not put into service")
    lifecycle.start(project)
    if old is None:
        collations.refresh(Server(project))


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
