"""The frontend: whether its packages can be installed and its page can be built."""

from __future__ import annotations

import json
import re
from pathlib import Path

from stack.config import dotenv, lock_file
from stack.core.console import Failure
from stack.doctor.check import Check
from stack.images import base_images

COMPARATOR = re.compile(r"(>=|<=|>|<|\^|~|=)?\s*v?(\d+)(?:\.(\d+|x|\*))?\S*")
DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies")


def checks(root: Path) -> Check:
    """Whether a build can start. Raises Failure where it cannot."""
    return Check("frontend", True, require(root))


def require(root: Path) -> str:
    """The lock file's name. Raises Failure where the build of the page cannot succeed."""
    lock = lock_file.find(root)
    folder = root / "frontend"
    manifest = _json(folder / "package.json")
    if "build" not in (manifest.get("scripts") or {}):
        raise Failure(
            "frontend/package.json has no script `build`.",
            'Add it to "scripts": "build": "vite build"',
        )
    if lock == "package-lock.json" and (name := _not_locked(manifest, _json(folder / lock))):
        raise Failure(
            f"package-lock.json does not match package.json: {name} differs.",
            "Type in frontend/: npm install",
        )
    _require_node(root, manifest)
    return lock


def _json(path: Path) -> dict[str, dict[str, str]]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure(
            f"frontend/{path.name} cannot be read: {error}", "Correct it: it has to be JSON"
        ) from error
    return read if isinstance(read, dict) else {}


def _not_locked(manifest: dict[str, dict[str, str]], lock: dict[str, dict[str, str]]) -> str:
    """A package whose wanted versions are others in the lock file."""
    packages: dict[str, object] = dict(lock.get("packages") or {})
    locked = packages.get("")
    if not isinstance(locked, dict):
        return ""  # a lock file of npm 6, which says less
    for kind in DEPENDENCIES:
        wanted, said = manifest.get(kind) or {}, locked.get(kind) or {}
        for name in sorted({*wanted, *said}):
            if wanted.get(name) != said.get(name):
                return str(name)
    return ""


def _require_node(root: Path, manifest: dict[str, dict[str, str]]) -> None:
    node = node_version(root)
    if node is None:
        return
    engines = (manifest.get("engines") or {}).get("node", "")
    said = {"engines.node of frontend/package.json": engines}
    for name in (".nvmrc", ".node-version"):
        file = root / "frontend" / name
        text = file.read_text(encoding="utf-8").strip() if file.is_file() else ""
        said[f"frontend/{name}"] = text.removeprefix("v").partition(".")[0]
    for place, wanted in said.items():
        if not allows(wanted, node):
            raise Failure(
                f"{place} wants Node {wanted}, and the image has Node {node}.",
                "Change it, or set NODE_IMAGE=node:VERSION-slim in .env",
            )


def node_version(root: Path) -> int | None:
    """The major version that the base image's tag names; None where it names none."""
    image = dotenv.setting(root, "NODE_IMAGE") or base_images.defaults()["NODE_IMAGE"]
    found = re.search(r":v?(\d+)", image.rpartition("/")[2])
    return int(found[1]) if found else None


def allows(wanted: str, node: int) -> bool:
    """Whether some version of Node `node`.x can satisfy a range; what is no range allows all."""
    if not re.search(r"\d", wanted):
        return True  # e.g. `*`, `lts/jod`
    return any(_all_allow(part, node) for part in wanted.split("||"))


def _all_allow(part: str, node: int) -> bool:
    if between := re.fullmatch(r"\s*v?(\d+)\S*\s+-\s+v?(\d+)\S*\s*", part):
        return int(between[1]) <= node <= int(between[2])
    found = COMPARATOR.finditer(part)
    return all(_allows(each[1], each[2], each[3], node) for each in found)


def _allows(sign: str | None, major: str, minor: str | None, node: int) -> bool:
    number = int(major)
    match sign:
        case ">=":
            return node >= number
        case ">":
            return node > number or (node == number and minor is not None)
        case "<=":
            return node <= number
        case "<":
            return node < number or (node == number and minor not in {None, "0", "x", "*"})
        case _:
            return node == number
