"""The password of the app's role, as PostgreSQL keeps it: a verifier, which is no use for a login.

Verifiers are read and written over the database container's own socket, which asks for no password.
So a password that is lost can be replaced.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

from stack.compose import health
from stack.compose.project import Project
from stack.config import secrets as secret_files
from stack.config.modes import PROD
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core.console import Failure
from stack.database.server import PSQL, ROLE, STOP_AT_ERRORS, Server

SCRAM = "SCRAM-SHA-256"
ITERATIONS = 4096  # PostgreSQL's default


def verifier(password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> str:
    """What PostgreSQL keeps of a password: https://datatracker.ietf.org/doc/html/rfc5803."""
    salt = salt or secrets.token_bytes(16)
    text = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", text, salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (
        base64.b64encode(part).decode() for part in (salt, stored, server)
    )
    return f"{SCRAM}${iterations}:{salt_text}${stored_text}:{server_text}"


def fits(kept: str, password: str) -> bool:
    """Whether it is the password of a verifier. One of another kind than SCRAM is not judged."""
    kind, _, rest = kept.partition("$")
    if kind != SCRAM:
        return True
    iterations, _, salt = rest.partition("$")[0].partition(":")
    return hmac.compare_digest(kept, verifier(password, base64.b64decode(salt), int(iterations)))


def kept_by(database: Server, role: str = ROLE) -> str:
    """The verifier that the server has; empty where the role has no password."""
    return database.ask(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'")[0]


def roles(database: Server) -> list[str]:
    """The roles that log in: the app may have made others."""
    return database.ask("SELECT rolname FROM pg_roles WHERE rolcanlogin ORDER BY rolname")


def keep(database: Server, kept: str, role: str = ROLE) -> None:
    """Let the server have another verifier. Connections that exist are not ended."""
    value = f"'{kept}'" if kept else "NULL"
    # By standard input: other users of the machine can read a command line.
    sql = f'ALTER ROLE "{role}" PASSWORD {value};\n'.encode()
    database.feed([sql], *PSQL, STOP_AT_ERRORS, database.user, "--dbname=postgres")


def require_fitting(project: Project) -> None:
    """Raise Failure if the secret's file has another password than the database that serves."""
    db = project.containers().get("db")
    if project.mode is not PROD or db is None or health.state(db) != "healthy":
        return
    if not fits(kept_by(Server(project)), secret_files.read(project.root, POSTGRES_PASSWORD)):
        raise Failure(
            f"The database of {project.name} has another password than .secrets/postgres_password.",
            "Put its password back; or make a new one: inv prod.rotate-password",
        )
