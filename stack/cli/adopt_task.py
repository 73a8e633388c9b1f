"""The task `inv adopt`, which `tasks.py` lists with the others."""

from __future__ import annotations

from invoke.context import Context
from invoke.tasks import task


@task(
    help={
        "where": "the app's folder, or a Git URL; its flag may be left out",
        "backend": "its folder with manage.py, where it has more than one",
        "frontend": "its folder with package.json, where it has more than one",
        "requirements": "its list of packages, where none is found",
        "into": "the new folder; the default is beside the app, NAME-stack",
    },
)
def adopt(
    ctx: Context,
    where: str,
    backend: str = "",
    frontend: str = "",
    requirements: str = "",
    into: str = "",
) -> None:
    """Put an app with a Django backend and a Vite frontend beside a copy of this stack."""
    from stack.adopt import command  # start-up time of inv --list

    command.adopt(where, backend=backend, frontend=frontend, requirements=requirements, into=into)
