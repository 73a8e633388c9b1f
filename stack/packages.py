"""The page's packages: what npm would refuse, said before anything is built or started."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stack.console import Failure

ASKED_FOR = ("dependencies", "devDependencies", "optionalDependencies")


def require_installable(root: Path, path: Sequence[str] = ()) -> None:
    """Raise Failure where package.json or its lock file is broken, or the latter lacks a package.

    Whether each version fits is left to npm, which knows the ranges. `path` is where npm is, if not
    on PATH.
    """
    package = _read(root / "frontend" / "package.json", "Mend it at that place: it is JSON.")
    remedy = f"Type: {_lock_anew(path)}"
    lock = _read(root / "frontend" / "package-lock.json", remedy)
    asked = {name for kind in ASKED_FOR for name in package.get(kind) or {}}
    locked = lock.get("packages") or {}
    if missing := sorted(name for name in asked if f"node_modules/{name}" not in locked):
        raise Failure(
            f"frontend/package-lock.json does not match package.json: it lacks {missing[0]}"
            + (f" and {len(missing) - 1} more." if len(missing) > 1 else "."),
            remedy,
        )


def _lock_anew(path: Sequence[str]) -> str:
    """What to type to make a lock file that matches package.json."""
    anew = "npm install --package-lock-only"
    if path:
        return f"cd frontend && PATH={shlex.quote(os.pathsep.join(path))}:$PATH {anew}"
    if shutil.which("npm"):
        return f"cd frontend && {anew}"
    return f"inv dev.shell, then: cd ../frontend && {anew}"


def _read(file: Path, remedy: str) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
        if not isinstance(found, dict):
            raise ValueError("it is no object")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Failure(f"frontend/{file.name} cannot be read: {reason}.", remedy) from error
    return found
