"""Production's secrets: one file each in `.secrets/`, which Compose mounts.

`docker inspect` shows a container's environment, which `.env` becomes, to every user of the engine;
it does not show files. The folder is closed to other users of the host. The files in it are
readable, because the container's user is another one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from stack.core import files

POSTGRES_PASSWORD = "postgres_password"

SIZES = {"secret_key": 64, POSTGRES_PASSWORD: 32, "mqtt_password": 24, "pin_pepper": 32}
"""How many random bytes each secret has."""

KEPT_APART = ("pin_pepper",)
"""Secrets that no backup holds, as they protect what is in it."""


def ensure(root: Path, sizes: Mapping[str, int] = SIZES) -> list[Path]:
    """Write the secrets that are missing; return what was written. Raises OSError."""
    folder = _folder(root)
    return [
        folder / name
        for name, size in sizes.items()
        if files.write_once(folder / name, secrets.token_urlsafe(size) + "\n", 0o444)
    ]


def generate(name: str) -> str:
    """A new value for a secret."""
    return secrets.token_urlsafe(SIZES[name])


def read(root: Path, name: str) -> str:
    """A secret as containers read it; empty where there is none."""
    path = root / ".secrets" / name
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def digests_of_those_kept_apart(root: Path) -> dict[str, str]:
    """By name, the SHA-256 of each in KEPT_APART: it does not help to guess 256 random bits."""
    found = {name: read(root, name) for name in KEPT_APART}
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in found.items() if text}


def replace(root: Path, name: str, value: str) -> None:
    """Write a secret in place of the one that is there; an empty value removes it."""
    path = _folder(root) / name
    if value:
        files.replace(path, f"{value}\n".encode(), 0o444)
    else:
        path.unlink(missing_ok=True)


def _folder(root: Path) -> Path:
    """The folder of the secrets, made where it is missing."""
    folder = root / ".secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    files.give_to_owner_of_folder(folder)
    return folder


def paths(root: Path) -> list[Path]:
    """Where each secret is, or would be."""
    return [root / ".secrets" / name for name in sorted(SIZES)]
