"""The checks of both modes: `nox`, or `nox -s smoke-dev smoke-prod`."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.2.9"
nox.options.reuse_existing_virtualenvs = True


def smoke(session: nox.Session) -> None:
    """Build and start a stack of the session's own, and check it through its port."""
    lock = "requirements/tools.txt"
    session.install("-qq", "--require-hashes", "--only-binary=:all:", "--requirement", lock)
    mode = session.name.removeprefix("smoke-")
    command = ("python", "-m", "pytest", "tests/smoke", "--mode", mode, *session.posargs)
    # After Ctrl-C it gets time to remove the containers.
    session.run(*command, interrupt_timeout=60, terminate_timeout=30)


for _mode in ("dev", "prod"):
    nox.session(name=f"smoke-{_mode}")(smoke)
