"""Whether a project's containers are healthy: waiting for it, and showing why one is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stack.compose.project import Project
from stack.core.console import Failure, lines, say
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker.models.containers import Container

READY_SECONDS = 120
"""How long containers may take from their start until they are healthy."""

LOG_LINES_THAT_MATTER = 15


def state(container: Container) -> str:
    """The container's health where it has a health check and runs, else its status."""
    told = container.attrs["State"].get("Health", {}).get("Status", "none")
    return container.status if told == "none" or container.status != "running" else told


def wait_until_ready(project: Project, detail: Callable[[str], None] = lambda text: None) -> None:
    """Return when every service is healthy; Failure as soon as one cannot become it."""
    remedy = f"Its log says why: inv {project.mode.name}.logs --tail 100"
    wait_until_healthy(project.containers, what="The stack", remedy=remedy, detail=detail)


def wait_until_healthy(
    look: Callable[[], Mapping[str, Container]],
    *,
    what: str,
    remedy: str,
    detail: Callable[[str], None] = lambda text: None,
) -> None:
    """Return when all containers that `look` finds by service are healthy.

    `detail` is given the states as they change. Raises Failure, which begins with `what`, after
    READY_SECONDS, and as soon as a container has stopped by itself.
    """
    restarts = {c.id: c.attrs["RestartCount"] for c in look().values()}

    def healthy() -> bool:
        now = look()
        states = {service: state(container) for service, container in now.items()}
        detail(", ".join(f"{service} {text}" for service, text in states.items()))
        for service, container in now.items():
            has_restarted = container.attrs["RestartCount"] > restarts.get(container.id, 0)
            if has_restarted or container.status in {"exited", "dead"}:
                raise Failure(f"The service {service} stops by itself.", remedy)
        return bool(states) and set(states.values()) == {"healthy"}

    try:
        wait_until("every service healthy", healthy, seconds=READY_SECONDS)
    except NeverHappened as error:
        raise Failure(f"{what} was not ready within {READY_SECONDS} s.", remedy) from error


def wait_until_app_answers(project: Project) -> None:
    """Return when the app's health check passes, asked now instead of at its interval."""
    app = project.containers()["app"]
    try:
        wait_until(
            "the health check", lambda: app.exec_run(["healthcheck"]).exit_code == 0, seconds=60
        )
    except NeverHappened as error:
        raise Failure(
            "The stack does not answer after the restart.",
            f"Its log says why: inv {project.mode.name}.logs --tail 100",
        ) from error


@contextmanager
def trouble_shown(project: Project) -> Iterator[None]:
    """A start or restart: before its Failure come the services' states and last log lines."""
    try:
        yield
    except Failure:
        show_trouble(project)
        raise


def show_logs(project: Project, tail: int = 200) -> None:
    """Print the last lines of every service."""
    for service, container in project.containers().items():
        say(f"{service}: {state(container)}", style="bold")
        lines(container.logs(tail=tail).decode(errors="replace").splitlines())


def show_trouble(project: Project) -> None:
    """Print each service's state and the log lines that are likely to say why it is so."""
    for service, container in project.containers().items():
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
