"""Preparing, building, starting and stopping a project."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from stack.compose import checkout, health, status
from stack.compose.checkout import folder_of
from stack.compose.project import Project
from stack.config import (
    ca_bundle,
    certificates,
    checkout_files,
    external_database,
    secrets,
    settings,
)
from stack.config.modes import PROD
from stack.config.project_name import VARIABLE
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.engine import docker_engine, root_files
from stack.images import app_image, base_images


def prepare(project: Project, *, tell: bool = True) -> Project:
    """The stack with the base images chosen; writes `.env` and secrets that are missing.

    Raises Failure where Docker Compose cannot read its files with the settings, and where
    production could not serve with the certificate.
    """
    settings.require_valid(project.root)
    _ = project.external  # raises Failure for a wrong setting
    write_checkout_files(project.root)
    ca_bundle.refresh_copy(project.root)
    choices = base_images.choose(project.client, project.root)
    if tell:
        found = ", ".join(f"{choice.image} ({choice.origin})" for choice in choices)
        say(f"Base images: {found}", style="dim")
    variables = base_images.variables(choices) | _processors(project)
    if project.mode.is_production:
        (python,) = (choice.image for choice in choices if choice.variable == "PYTHON_IMAGE")
        read_as_root = partial(root_files.read, project.client, python)
        certificates.refresh_copies(project.root, read_as_root)
    if docker_engine.is_rootless(project.client):
        # The root of its containers is the host's user.
        variables |= {"LOCAL_UID": "0", "LOCAL_GID": "0"}
    prepared = project.with_settings(**variables)
    _ = prepared.environment  # raises Failure where Docker Compose cannot read the settings
    return prepared


def _processors(project: Project) -> dict[str, str]:
    """The limits of processors that the engine would refuse, as it takes them."""
    if not docker_engine.limits_processors(project.client):
        return dict.fromkeys(settings.CPUS, "0")  # no limit
    lowered = settings.processors(project.root, docker_engine.processors(project.client))
    for name, number in lowered.items():
        say(f"{name} is more than the engine's {number} processors: it is {number} here.")
    return lowered


def write_checkout_files(root: Path) -> bool:
    """Write `.env` and the secrets that are missing, and say so; returns whether any was.

    Raises Failure rather than make a new password for a database that has another.
    """
    if docker_engine.connect_if_there():
        require_password_of_database(root)
    written = checkout_files.ensure(root, checkout.name_of(root))
    for path in written:
        say(f"✓ wrote {path.relative_to(root)}", style="green")
    return bool(written)


def require_own_checkout(project: Project) -> None:
    """Raise Failure when another checkout runs a stack of this name."""
    for container in project.containers().values():
        other = folder_of(container)
        if other and other != project.root.resolve():
            raise Failure(
                f"{project.name} runs from another checkout: {other}",
                f"Give this one a name of its own: remove {VARIABLE} from .env and the environment",
            )


def require_password_of_database(root: Path) -> None:
    """Raise Failure rather than make a new password for a database that has another."""
    if secrets.read(root, secrets.POSTGRES_PASSWORD) or external_database.is_set(root):
        return
    project = checkout.of_checkout(root, PROD, 0)
    if project.has_data():
        raise Failure(
            f"The database of {project.name} exists, "
            "but .secrets/postgres_password is gone or empty.",
            "Put its password back; or make a new one: inv prod.rotate-password",
        )


def build(project: Project) -> None:
    """Build the app's image; what has not changed comes from BuildKit's cache."""
    if project.mode is PROD and (app := project.containers().get("app")):
        app_image.keep(project.name, project.client, app)
    project.run(
        f"Building the {project.mode.name} image",
        *("build", "app"),
        remedy=f"Correct what the lines above say, then: inv {project.mode.name}.build",
    )


def start(project: Project, *, recreate: bool = True) -> None:
    """Start a built stack and wait until it is healthy.

    Without `recreate`, containers that exist keep their settings and images.
    """
    remedy = f"Correct what the lines above say, then: inv {project.mode.name}"
    with health.show_states_on_failure(project):
        app = project.containers().get("app")
        if app is not None and app.status != "exited" and health.state(app) != "healthy":
            # It may still be failing on what has been corrected since it started.
            project.run("Removing what failed", "rm", "--stop", "--force", "app", remedy=remedy)
        up = ("up", "--detach", "--no-build", *([] if recreate else ["--no-recreate"]))
        if project.is_external:
            up = (*up, "--remove-orphans")  # the database's container of before
        project.run("Starting the containers", *up, remedy=remedy)
        with step("Waiting until the stack is ready") as detail:
            health.wait_until_ready(project, detail)


def down(project: Project, *, volumes: bool = False, seconds: int | None = None) -> None:
    """Stop and remove the containers; the data stays unless `volumes`.

    `seconds` is how long each may take to stop, where that is not its own `stop_grace_period`.
    """
    extra = ["--volumes"] if volumes else []
    if seconds is not None:
        extra += ["--timeout", str(seconds)]
    with signals.uninterruptible():
        project.run(
            "Stopping the stack",
            # A service whose profile was on when it started stops, too.
            *("--profile", "*", "down", "--remove-orphans", *extra),
            remedy="See what still runs: docker ps",
        )


def restart(project: Project, program: str | None) -> None:
    """Restart one program inside of the app container, or a service; by default the app."""
    remedy = f"See what runs: inv {project.mode.name}.status"
    require_running(project)
    services = project.containers()
    if program and program not in services:
        states = status.programs(services["app"])
        if states and program not in {s[name] for s in states for name in ("program", "process")}:
            raise status.no_program(project, program, states)
        argv = ("exec", "-T", "app", "programs", "restart", program)
        project.run(f"Restarting {program}", *argv, remedy=remedy)
    else:
        service = program or "app"
        project.run(f"Restarting the container {service}", "restart", service, remedy=remedy)
    with health.show_states_on_failure(project), step("Waiting until the stack is ready") as detail:
        health.wait_until_ready(project, detail)
        if program:
            health.wait_until_app_answers(project)


def require_running(project: Project) -> None:
    """Raise Failure when the stack's app container does not run."""
    app = project.containers().get("app")
    if app is None or app.status != "running":
        raise Failure(
            f"The {project.mode.name} stack does not run.", f"Type: inv {project.mode.name}"
        )
