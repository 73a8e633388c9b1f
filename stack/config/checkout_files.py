"""The files that `inv env` writes once: `.env`, and one file for each secret.

To a `.env` that exists, only a missing name of the checkout's stacks is added.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from stack.config import dotenv, secrets
from stack.config.project_name import VARIABLE as NAME
from stack.core import files


def ensure(root: Path, name: str) -> list[Path]:
    """Write `.env`, with `name` for the stacks, and the secrets that are missing.

    Returns what was written. Raises Failure where the checkout cannot be written.
    """
    with files.explain_write_errors(root):
        written = [root / ".env"] if ensure_env(root, name) else []
        return written + secrets.ensure(root)


def ensure_env(root: Path, name: str) -> bool:
    """Write `.env` alone, or the stacks' name into it; whether either was missing."""
    path = root / ".env"
    return files.write_once(path, _env_text(root, name), 0o600) or _add_name(path, name)


def _env_text(root: Path, name: str) -> str:
    """`.env.example` with this host's values."""
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
    lines = []
    for line in example.splitlines(keepends=True):
        variable, is_setting, _ = line.lstrip("# ").partition("=")
        known = is_setting and variable in answers
        lines.append(f"{variable}={answers[variable]}\n" if known else line)
    return "".join(lines)


def save(root: Path, settings: Mapping[str, str]) -> None:
    """Write settings into `.env`, all at once, each in place of its line or at the end."""
    path = root / ".env"
    lines = path.read_text(encoding="utf-8").splitlines()
    for name, value in settings.items():
        own = re.compile(rf"\s*(export\s+)?{name}\s*=")
        places = [n for n, line in enumerate(lines) if own.match(line)] or [len(lines)]
        lines[places[-1] : places[-1] + 1] = [f"{name}={value}"]
    text = "".join(f"{line}\n" for line in lines)
    files.replace(path, text.encode(), stat.S_IMODE(path.stat().st_mode))


def _add_name(path: Path, name: str) -> bool:
    """Add the stacks' name to a `.env` that lacks it; False when it has one."""
    if dotenv.read(path).get(NAME):
        return False
    with path.open("a", encoding="utf-8") as stream:
        # The last line of the file may have no end.
        stream.write(f"\n# The name of this checkout's containers and volumes.\n{NAME}={name}\n")
    return True
