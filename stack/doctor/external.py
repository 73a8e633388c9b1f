"""An external database: its settings, whether it answers, and what its role may do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose import checkout
from stack.config import external_database
from stack.config.modes import DEFAULT_PORT, PROD
from stack.database import major
from stack.database.server import Server
from stack.doctor.check import Check
from stack.images import base_images, stand_ins

if TYPE_CHECKING:
    from docker import DockerClient

NAME = "external database"
FACTS = """
SELECT current_setting('server_version'), rolcreaterole OR rolsuper, rolcreatedb OR rolsuper,
       coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)
FROM pg_roles WHERE rolname = current_user
"""


def checks(root: Path, client: DockerClient | None) -> Iterator[Check]:
    """Raises Failure for a wrong setting, and where the server does not answer."""
    found = external_database.of(root)
    assert found
    yield Check(
        "TLS to the database",
        found.verifies,
        "verified" if found.verifies else "the address does not say sslmode=verify-full",
        "Add sslmode=verify-full to the address, and name the authority in DATABASE_CA",
        is_hint=True,
    )
    project = checkout.of_checkout(root, PROD, DEFAULT_PORT)
    images = (major.image_of(project), stand_ins.STAND_INS["postgres"])
    if client is None or not any(base_images.is_local(client, image) for image in images):
        yield Check(NAME, True, "not asked; PostgreSQL's programs are not here yet")
        return
    server = Server(project)
    version, makes_roles, makes_databases, is_encrypted = server.ask(FACTS, server.name)[0].split(
        "|"
    )
    how = "with TLS" if is_encrypted == "t" else "without TLS"
    yield Check(NAME, True, f"PostgreSQL {version}, {how}")
    if not external_database.has_app_role(root):
        yield Check(
            "role that serves",
            makes_roles == "t",
            "is made at a start" if makes_roles == "t" else f"{server.role} may not make it",
            f"ALTER ROLE {server.role} CREATEROLE at the server; or DATABASE_APP_USER in .env",
        )
    yield Check(
        "copies of the database",
        makes_databases == "t",
        "may be made" if makes_databases == "t" else f"{server.role} may not make them",
        f"ALTER ROLE {server.role} CREATEDB at the server, for restores and migrations",
        is_hint=True,
    )
