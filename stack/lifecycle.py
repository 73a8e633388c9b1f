"""Building, starting, watching and stopping a stack."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stack import app_image, certificates, engine, env_file, packages, ports
from stack.commands import run_attached, run_quietly
from stack.console import Failure, lines, say, step
from stack.modes import PROD, Stack, of_checkout
from stack.names import PROJECT_LABEL, VARIABLE, folder_of
from stack.waiting import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

READY_SECONDS = 120
"""How long a stack may take from its containers' start until it is healthy."""

LOG_LINES_THAT_MATTER = 15

SERVICE_LABEL = "com.docker.compose.service"

EVERY_PROFILE = ("--profile", "*")
"""For what stops: a service whose profile was on when it started stops, too."""


def prepare(stack: Stack, client: DockerClient, *, tell: bool = True) -> Stack:
    """The stack with the base images chosen; writes `.env` and secrets that are missing."""
    from stack import images

    require_password_of_database(stack, client)
    for path in env_file.ensure(stack.root):
        say(f"✓ wrote {path.relative_to(stack.root)}", style="green")
    certificates.refresh_copy(stack.root)
    choices = images.choose(client, stack.root)
    if tell:
        images.explain(choices)
    settings = images.variables(choices)
    if engine.is_rootless(client):
        # There, the container's root is the host's user.
        settings |= {"LOCAL_UID": "0", "LOCAL_GID": "0"}
    if not engine.limits_processors(client):
        # It refuses to make a container with such a limit; 0 is none.
        settings |= {"APP_CPUS": "0", "DB_CPUS": "0", "MQTT_CPUS": "0"}
    return stack.with_settings(**settings)


def require_own_checkout(stack: Stack, client: DockerClient) -> None:
    """Raise Failure when another checkout runs a stack of this name."""
    for container in containers(stack, client).values():
        other = folder_of(container)  # by its real path; None where it is gone: no hindrance
        if other and other != stack.root.resolve():
            raise Failure(
                f"{stack.project} runs from another checkout: {other}",
                f"Give this one a name of its own: remove {VARIABLE} from .env and the environment",
            )


def require_password_of_database(stack: Stack, client: DockerClient) -> None:
    """Raise Failure rather than make a new password for a database that has another."""
    from docker.errors import NotFound

    names = {of_checkout(stack.root, PROD, stack.port).project}
    if stack.mode is PROD:
        names.add(stack.project)
    if (stack.root / ".secrets" / "postgres_password").exists():
        return
    for name in names:
        try:
            client.volumes.get(f"{name}_db_data")
        except NotFound:
            continue
        raise Failure(
            f"The database of {name} exists, but .secrets/postgres_password is gone.",
            "Put it back; or delete the database for good: inv prod.reset",
        )


def build(stack: Stack, client: DockerClient) -> None:
    """Build the app's image; what has not changed comes from BuildKit's cache."""
    if stack.mode is PROD and (app := containers(stack, client).get("app")):
        app_image.keep(stack, client, app)
    compose(
        stack,
        f"Building the {stack.mode.name} image",
        "build",
        "app",
        remedy="Mend what the lines above say, then: " + f"inv {stack.mode.name}.build",
    )


def up(stack: Stack, client: DockerClient) -> None:
    """Build what changed, start the containers and wait until they are healthy.

    Raises Failure, after printing each service's state and its last log lines, when they are not.
    """
    from stack import doctor, swap

    require_own_checkout(stack, client)
    ports.require_free(stack)
    doctor.require_disk()
    packages.require_installable(stack.root)
    stack = prepare(stack, client)
    build(stack, client)
    swap.if_due(stack, client)
    start(stack, client)


def start(stack: Stack, client: DockerClient) -> None:
    """Start a built stack and wait until it is healthy."""
    remedy = f"Mend what the lines above say, then: inv {stack.mode.name}"
    with trouble_shown(stack, client):
        app = containers(stack, client).get("app")
        if app is not None and app.status != "exited" and state(app) != "healthy":
            # It may still be failing on what has been mended since it started.
            compose(stack, "Removing what failed", "rm", "--stop", "--force", "app", remedy=remedy)
        compose(stack, "Starting the containers", "up", "--detach", "--no-build", remedy=remedy)
        with step("Waiting until the stack is ready") as detail:
            wait_until_ready(stack, client, detail)


@contextmanager
def trouble_shown(stack: Stack, client: DockerClient) -> Iterator[None]:
    """A start or restart: before its Failure come the services' states and last log lines."""
    try:
        yield
    except Failure:
        show_trouble(stack, client)
        raise


def wait_until_ready(
    stack: Stack, client: DockerClient, detail: Callable[[str], None] = lambda text: None
) -> None:
    """Return when every service is healthy; Failure as soon as one cannot become it."""
    restarts = {c.id: c.attrs["RestartCount"] for c in containers(stack, client).values()}

    def healthy() -> bool:
        now = containers(stack, client)
        states = {service: state(container) for service, container in now.items()}
        detail(", ".join(f"{service} {text}" for service, text in states.items()))
        for service, container in now.items():
            has_restarted = container.attrs["RestartCount"] > restarts.get(container.id, 0)
            if has_restarted or container.status in {"exited", "dead"}:
                raise Failure(
                    f"The service {service} stops by itself.",
                    f"Its log says why: inv {stack.mode.name}.logs --tail 100",
                )
        return bool(states) and set(states.values()) == {"healthy"}

    try:
        wait_until("every service healthy", healthy, seconds=READY_SECONDS)
    except NeverHappened as error:
        raise Failure(
            f"The stack was not ready within {READY_SECONDS} s.",
            f"Its log says why: inv {stack.mode.name}.logs --tail 100",
        ) from error


def containers(stack: Stack, client: DockerClient) -> dict[str, Container]:
    """The stack's containers by service, stopped ones too, one-off runs left out.

    Where one is being replaced it is the older one, which serves.
    """
    by_service = {c.labels[SERVICE_LABEL]: c for c in _newest_first(stack, client)}
    return dict(sorted(by_service.items()))


def all_of_app(stack: Stack, client: DockerClient) -> list[Container]:
    """The app's containers: one, and while it is being replaced a second one."""
    return [c for c in _newest_first(stack, client) if c.labels[SERVICE_LABEL] == "app"]


def _newest_first(stack: Stack, client: DockerClient) -> list[Container]:
    labels = [f"{PROJECT_LABEL}={stack.project}", "com.docker.compose.oneoff=False"]
    return client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)


def state(container: Container) -> str:
    """The container's health where it has a health check and runs, else its status."""
    told = container.attrs["State"].get("Health", {}).get("Status", "none")
    return container.status if told == "none" or container.status != "running" else told


def show_logs(stack: Stack, client: DockerClient, tail: int = 200) -> None:
    """Print the last lines of every service."""
    for service, container in containers(stack, client).items():
        say(f"{service}: {state(container)}", style="bold")
        lines(container.logs(tail=tail).decode(errors="replace").splitlines())


def show_trouble(stack: Stack, client: DockerClient) -> None:
    """Print each service's state and the log lines that are likely to say why it is so."""
    for service, container in containers(stack, client).items():
        said = state(container)
        say(f"{service}: {said}", style="" if said == "healthy" else "bold")
        if said != "healthy":
            show_why(container)


def show_why(container: Container) -> None:
    """Print a container's last failed health check and its last log lines."""
    probes = container.attrs["State"].get("Health", {}).get("Log") or []
    if probes and probes[-1]["ExitCode"]:
        lines([f"last health check: {probes[-1]['Output'].strip()}"])
    lines(container.logs(tail=LOG_LINES_THAT_MATTER).decode(errors="replace").splitlines())


def down(
    stack: Stack, *, volumes: bool = False, images_too: bool = False, seconds: int | None = None
) -> None:
    """Stop and remove the containers; the data stays unless `volumes`.

    `seconds` is how long each may take to stop, where that is not its own `stop_grace_period`.
    """
    extra = [*(["--volumes"] if volumes else []), *(["--rmi", "local"] if images_too else [])]
    if seconds is not None:
        extra += ["--timeout", str(seconds)]
    compose(
        stack,
        "Stopping the stack",
        *EVERY_PROFILE,
        "down",
        "--remove-orphans",
        *extra,
        remedy="See what still runs: docker ps",
        may_be_interrupted=False,
    )


def restart(stack: Stack, client: DockerClient, program: str | None) -> None:
    """Restart one program inside of the app container, or the app container itself."""
    remedy = f"See what runs: inv {stack.mode.name}.status"
    require_running(stack, client)
    if program:
        argv = ("exec", "-T", "app", "programs", "restart", program)
        compose(stack, f"Restarting {program}", *argv, remedy=remedy)
    else:
        compose(stack, "Restarting the app container", "restart", "app", remedy=remedy)
    with trouble_shown(stack, client), step("Waiting until the stack is ready") as detail:
        wait_until_ready(stack, client, detail)
        if program:
            _wait_for_the_front(stack, client)


def _wait_for_the_front(stack: Stack, client: DockerClient) -> None:
    """Ask now: the engine's own health check comes too seldom to have seen the restart."""
    app = containers(stack, client)["app"]
    try:
        wait_until(
            "the health check", lambda: app.exec_run(["healthcheck"]).exit_code == 0, seconds=60
        )
    except NeverHappened as error:
        raise Failure(
            "The stack does not answer after the restart.",
            f"Its log says why: inv {stack.mode.name}.logs --tail 100",
        ) from error


def require_running(stack: Stack, client: DockerClient) -> None:
    """Raise Failure when the stack's app container does not run."""
    app = containers(stack, client).get("app")
    if app is None or app.status != "running":
        raise Failure(f"The {stack.mode.name} stack does not run.", f"Type: inv {stack.mode.name}")


def in_app(stack: Stack, client: DockerClient, *command: str) -> int:
    """Run a command as the app's user in the running app container, or in one made for it.

    The command has the person's terminal. Returns its exit status.
    """
    terminal = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["-T"]
    app = containers(stack, client).get("app")
    if app is not None and app.status == "running":
        argv = stack.compose("exec", *terminal, "app", "/entrypoint.sh", *command)
        return run_attached(argv, cwd=stack.root, env=stack.variables)
    chosen = prepare(stack, client, tell=False)
    argv = chosen.compose("run", "--rm", *terminal, "app", *command)
    return run_attached(argv, cwd=stack.root, env=environment(chosen), shown_env=chosen.variables)


def ask_app(stack: Stack, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the app's user in the running app container, and keep what it prints."""
    argv = stack.compose("exec", "-T", "app", "/entrypoint.sh", *command)
    env = {**os.environ, **environment(stack)}
    return subprocess.run(
        argv, cwd=stack.root, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def run_one_off(
    stack: Stack, *command: str, seconds: float | None = 120, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a new app container beside the others; `variables` are its environment."""
    settings = [option for pair in variables.items() for option in ("--env", "=".join(pair))]
    argv = stack.compose("run", "--rm", "--no-deps", "-T", *settings, "app", *command)
    env = {**os.environ, **environment(stack)}
    return subprocess.run(
        argv, cwd=stack.root, env=env, capture_output=True, text=True, timeout=seconds, check=False
    )


def compose(
    stack: Stack, title: str, *arguments: str, remedy: str, may_be_interrupted: bool = True
) -> None:
    """Run a Docker Compose command under a step called `title`; Failure when it fails."""
    run_quietly(
        title,
        stack.compose("--progress", "plain", *arguments),
        remedy=remedy,
        may_be_interrupted=may_be_interrupted,
        cwd=stack.root,
        env=environment(stack),
        shown_env=stack.variables,
    )


def environment(stack: Stack) -> dict[str, str]:
    """What Docker Compose is told beside what is worth showing to the person."""
    from stack import version

    return {
        "BUILDX_BUILDER": engine.builder(),
        "CA_BUNDLE": str(certificates.COPY),
        "VERSION": version.version(),
        "REVISION": version.revision(stack.root),
        "SECRETS_DIGEST": env_file.secrets_digest(stack.root),
        # Always, because the person's own environment may name another.
        "ALARM_PORT": str(stack.port),
        **stack.variables,
    }
