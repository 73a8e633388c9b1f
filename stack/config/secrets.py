"""Production's secrets: one file each in `.secrets/`, mounted where production reads them.

Values in `.env` reach a container as environment, which `docker inspect` shows to every user of the
engine; files are not shown. The folder is closed to other users of the host. The files in it are
readable, because the container's user, which is another one, reads them through the mount.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from stack.core import files


def ensure(root: Path) -> list[Path]:
    """Write the secrets that are missing; return what was written. Raises OSError."""
    folder = root / ".secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder, root.stat().st_uid, root.stat().st_gid)
    fresh = _fresh().items()
    return [
        folder / name
        for name, value in fresh
        if files.write_once(folder / name, value + "\n", 0o444)
    ]


def paths(root: Path) -> list[Path]:
    """Where each secret is, or would be."""
    return [root / ".secrets" / name for name in sorted(_fresh())]


def _fresh() -> dict[str, str]:
    return {
        "secret_key": secrets.token_urlsafe(64),
        "postgres_password": secrets.token_urlsafe(32),
        "mqtt_password": secrets.token_urlsafe(24),
    }
