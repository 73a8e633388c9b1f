"""Which migrations a new version brings, and whether the old one can serve beside them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.console import Failure, print_output, say, step

COMMAND = "judge-migrations"


@dataclass(frozen=True)
class Migration:
    """One that the database lacks."""

    app: str
    name: str
    reasons: tuple[str, ...]
    """Why old replicas could not serve once it is applied; none if they can."""

    @property
    def is_additive(self) -> bool:
        return not self.reasons

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"


def pending(project: Project) -> list[Migration]:
    """What the newest image would apply, judged by that image itself. Raises Failure."""
    try:
        with step("Judging the migrations of the new version"):
            asked = run_one_off(project, COMMAND)
    except subprocess.TimeoutExpired as error:
        raise _no_answer(project) from error
    try:
        return read(asked.stdout)
    except (ValueError, LookupError, TypeError) as error:
        print_output(asked.stderr.splitlines()[-15:])
        raise _no_answer(project) from error


def read(output: str) -> list[Migration]:
    """The list that `judge-migrations` prints as its last line."""
    found = json.loads(output.strip().splitlines()[-1])
    return [Migration(m["app"], m["name"], tuple(m["reasons"])) for m in found]


def _no_answer(project: Project) -> Failure:
    return Failure(
        f"The new image of {project.name} does not judge its migrations.",
        "What it says is above; build it again: inv cluster.build",
    )


def tell(migrations: list[Migration]) -> None:
    """Say for each whether it can be rolled."""
    for migration in migrations:
        if migration.is_additive:
            say(f"  {migration}: old and new replicas can serve with it")
        else:
            say(f"  {migration}: {'; '.join(migration.reasons)}", style="bold")


def require_additive(migrations: list[Migration]) -> None:
    """Raise Failure where one of them is not for replicas that roll."""
    tell(migrations)
    refused = [migration for migration in migrations if not migration.is_additive]
    if refused:
        more = f" and {len(refused) - 1} more" if refused[1:] else ""
        raise Failure(
            f"The version that serves could not go on beside {refused[0]}{more}.",
            "With a rehearsal, and a gap that is told beforehand: inv cluster.upgrade --stop",
        )
