"""Waiting until containers are healthy, and showing why one is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stack.compose.project import Project
from stack.core.console import Failure, print_output, say
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker.models.containers import Container

READY_SECONDS = 120
"""How long containers may take from their start until they are healthy."""

LOG_LINES = 15


def state(container: Container) -> str:
    """The container's health where it has a health check and runs, else its status."""
    health = container.attrs["State"].get("Health", {}).get("Status", "none")
    return container.status if health == "none" or container.status != "running" else health


def last_words(container: Container, *, of_success: bool) -> str:
    """What the last health check printed, if it ended so; else nothing."""
    checks = container.attrs["State"].get("Health", {}).get("Log")
    if not checks or (checks[-1]["ExitCode"] == 0) is not of_success:
        return ""
    return str(checks[-1]["Output"]).strip()


def wait_until_ready(project: Project, detail: Callable[[str], None] = lambda text: None) -> None:
    """Return when every service is healthy. Raises Failure as soon as one stops by itself."""
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
    restarts: dict[str | None, int] = {}

    def healthy() -> bool:
        now = look()
        states = {service: state(container) for service, container in now.items()}
        detail(", ".join(f"{service} {text}" for service, text in states.items()))
        for service, container in now.items():
            count = container.attrs["RestartCount"]
            has_restarted = count > restarts.setdefault(container.id, count)
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
def show_states_on_failure(project: Project) -> Iterator[None]:
    """Before a Failure of the block, print each service's state, and why it is not healthy."""
    try:
        yield
    except Failure:
        for service, container in project.containers().items():
            found = state(container)
            say(f"{service}: {found}", style="" if found == "healthy" else "bold")
            if found != "healthy":
                show_why(container)
        raise


def show_why(container: Container) -> None:
    """Print a container's last failed health check and its last log lines."""
    if said := last_words(container, of_success=False):
        print_output([f"last health check: {said}"])
    print_output(container.logs(tail=LOG_LINES).decode(errors="replace").splitlines())
