"""The files that `inv env` writes once and never again: `.env` and one file a secret.

Only the name of the checkout's stacks is added to a `.env` that has none yet.
"""

from __future__ import annotations

import os
from pathlib import Path

from stack.config import dotenv, secrets
from stack.config.project_name import VARIABLE as NAME
from stack.core import files


def ensure(root: Path, name: str) -> list[Path]:
    """Write `.env`, in which the stacks are called `name`, and the secrets that are missing.

    Returns what was written; what exists is left as it is. Raises Failure where the checkout cannot
    be written.
    """
    with files.explain_write_errors(root):
        written = [root / ".env"] if ensure_env(root, name) else []
        return written + secrets.ensure(root)


def ensure_env(root: Path, name: str) -> bool:
    """Write `.env` alone, or the stacks' name into it; whether either was missing."""
    path = root / ".env"
    return files.write_once(path, _env_text(root, name), 0o600) or _add_name(path, name)


def _env_text(root: Path, name: str) -> str:
    """`.env.example` with the lines filled in that this host knows the answer to."""
    owner = root.stat()
    answers = {
        NAME: name,
        "LOCAL_UID": str(owner.st_uid),
        "LOCAL_GID": str(owner.st_gid),
        "CA_BUNDLE": ".secrets/ca-bundle",
        "APP_CPUS": str(os.cpu_count() or 1),
        "DB_CPUS": str(os.cpu_count() or 1),
    }
    example = (root / ".env.example").read_text(encoding="utf-8")
    return "".join(_filled(line, answers) for line in example.splitlines(keepends=True))


def _add_name(path: Path, name: str) -> bool:
    """Add the stacks' name to a `.env` that lacks it; False when it has one."""
    if dotenv.read(path).get(NAME):
        return False
    line = f"\n# The name of this checkout's containers and volumes.\n{NAME}={name}\n"
    with path.open("rb+") as stream:
        if (content := stream.read()) and not content.endswith(b"\n"):
            stream.write(b"\n")
        stream.write(line.encode())
    return True


def _filled(line: str, answers: dict[str, str]) -> str:
    name = line.lstrip("# ").partition("=")[0]
    return f"{name}={answers[name]}\n" if name in answers and "=" in line else line
