"""Preparing, building, starting and stopping a project."""

from __future__ import annotations

from stack.compose import checkout, health
from stack.compose.checkout import folder_of
from stack.compose.project import Project
from stack.config import ca_bundle, checkout_files
from stack.config.modes import PROD
from stack.config.project_name import VARIABLE
from stack.core.console import Failure, say, step
from stack.engine import docker_engine
from stack.images import app_image, base_images

EVERY_PROFILE = ("--profile", "*")
"""For what stops: a service whose profile was on when it started stops, too."""


def prepare(project: Project, *, tell: bool = True) -> Project:
    """The stack with the base images chosen; writes `.env` and secrets that are missing."""
    require_password_of_database(project)
    for path in checkout_files.ensure(project.root, checkout.name_of(project.root)):
        say(f"✓ wrote {path.relative_to(project.root)}", style="green")
    ca_bundle.refresh_copy(project.root)
    choices = base_images.choose(project.client, project.root)
    if tell:
        base_images.explain(choices)
    settings = base_images.variables(choices)
    if docker_engine.is_rootless(project.client):
        # There, the container's root is the host's user.
        settings |= {"LOCAL_UID": "0", "LOCAL_GID": "0"}
    if not docker_engine.limits_processors(project.client):
        # It refuses to make a container with such a limit; 0 is none.
        settings |= {"APP_CPUS": "0", "DB_CPUS": "0", "MQTT_CPUS": "0"}
    return project.with_settings(**settings)


def require_own_checkout(project: Project) -> None:
    """Raise Failure when another checkout runs a stack of this name."""
    for container in project.containers().values():
        other = folder_of(container)  # by its real path; None where it is gone: no hindrance
        if other and other != project.root.resolve():
            raise Failure(
                f"{project.name} runs from another checkout: {other}",
                f"Give this one a name of its own: remove {VARIABLE} from .env and the environment",
            )


def require_password_of_database(project: Project) -> None:
    """Raise Failure rather than make a new password for a database that has another."""
    from docker.errors import NotFound

    names = {checkout.of_checkout(project.root, PROD, project.port).name}
    if project.mode is PROD:
        names.add(project.name)
    if (project.root / ".secrets" / "postgres_password").exists():
        return
    for name in names:
        try:
            project.client.volumes.get(f"{name}_db_data")
        except NotFound:
            continue
        raise Failure(
            f"The database of {name} exists, but .secrets/postgres_password is gone.",
            "Put it back; or delete the database for good: inv prod.reset",
        )


def build(project: Project) -> None:
    """Build the app's image; what has not changed comes from BuildKit's cache."""
    if project.mode is PROD and (app := project.containers().get("app")):
        app_image.keep(project.name, project.client, app)
    project.run(
        f"Building the {project.mode.name} image",
        "build",
        "app",
        remedy="Mend what the lines above say, then: " + f"inv {project.mode.name}.build",
    )


def start(project: Project) -> None:
    """Start a built stack and wait until it is healthy."""
    remedy = f"Mend what the lines above say, then: inv {project.mode.name}"
    with health.trouble_shown(project):
        app = project.containers().get("app")
        if app is not None and app.status != "exited" and health.state(app) != "healthy":
            # It may still be failing on what has been mended since it started.
            project.run("Removing what failed", "rm", "--stop", "--force", "app", remedy=remedy)
        project.run("Starting the containers", "up", "--detach", "--no-build", remedy=remedy)
        with step("Waiting until the stack is ready") as detail:
            health.wait_until_ready(project, detail)


def down(
    project: Project, *, volumes: bool = False, images_too: bool = False, seconds: int | None = None
) -> None:
    """Stop and remove the containers; the data stays unless `volumes`.

    `seconds` is how long each may take to stop, where that is not its own `stop_grace_period`.
    """
    extra = [*(["--volumes"] if volumes else []), *(["--rmi", "local"] if images_too else [])]
    if seconds is not None:
        extra += ["--timeout", str(seconds)]
    project.run(
        "Stopping the stack",
        *EVERY_PROFILE,
        "down",
        "--remove-orphans",
        *extra,
        remedy="See what still runs: docker ps",
        may_be_interrupted=False,
    )


def restart(project: Project, program: str | None) -> None:
    """Restart one program inside of the app container, or the app container itself."""
    remedy = f"See what runs: inv {project.mode.name}.status"
    require_running(project)
    if program:
        argv = ("exec", "-T", "app", "programs", "restart", program)
        project.run(f"Restarting {program}", *argv, remedy=remedy)
    else:
        project.run("Restarting the app container", "restart", "app", remedy=remedy)
    with health.trouble_shown(project), step("Waiting until the stack is ready") as detail:
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
