"""Where an app has its backend and its frontend."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from stack.core.console import Failure

NOT_SEARCHED = {
    *("node_modules", "venv", "env", "virtualenv", "site-packages", "__pycache__"),
    *("dist", "build", "htmlcov", "vendor", "project_template", "app_template"),
}
"""Folders of packages, of what was built, and of templates that generators fill in."""

BESIDES = {"tests", "test", "docs", "doc", "example", "examples", "demo", "fixtures", "e2e"}
"""Folders whose apps count only where there is no other."""

LOCKS = ("package-lock.json", "pnpm-lock.yaml", "yarn.lock")

DEPTH = 6


def searched(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """The folders of an app and their files, without hidden ones and NOT_SEARCHED."""
    for folder, folders, files in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        folders[:] = sorted(
            name
            for name in folders
            if depth < DEPTH
            and not name.startswith(".")
            and name not in NOT_SEARCHED
            and "{{" not in name
        )
        yield Path(folder), files


def backend(root: Path, chosen: str = "") -> Path:
    """The folder with Django's manage.py. Raises Failure where there is none, or two."""
    return _one(root, chosen, "backend", "manage.py", is_backend)


def frontend(root: Path, chosen: str = "") -> Path:
    """The folder with Vite's package.json. Raises Failure where there is none, or two."""
    return _one(root, chosen, "frontend", "package.json", is_frontend)


def is_backend(folder: Path, files: Iterable[str]) -> bool:
    """Whether it has a manage.py that is Django's."""
    text = folder / "manage.py"
    return "manage.py" in files and "django" in text.read_text("utf-8", errors="replace").lower()


def is_frontend(folder: Path, files: Iterable[str]) -> bool:
    """Whether it has a package.json, and Vite in it or a configuration of Vite beside it."""
    if "package.json" not in files:
        return False
    has_config = any(name.startswith(("vite.config.", "svelte.config.")) for name in files)
    return has_config or "vite" in packages_of(folder)


def packages_of(folder: Path) -> dict[str, str]:
    """The dependencies in package.json by name; empty where it cannot be read."""
    read = _package(folder)
    return {**read.get("dependencies", {}), **read.get("devDependencies", {})}


def _package(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def lock_of(folder: Path) -> str:
    """The lock file of the page's packages; empty where there is none."""
    return next((name for name in LOCKS if (folder / name).is_file()), "")


def wanted_node(folder: Path, root: Path) -> tuple[str, str]:
    """The Node that the app asks for, and the file that does; empty where none does."""
    if wanted := _package(folder).get("engines", {}).get("node"):
        return str(wanted), "package.json"
    places = (place / name for place in (folder, root) for name in (".nvmrc", ".node-version"))
    file = next((place for place in places if place.is_file()), None)
    return (file.read_text(encoding="utf-8").strip(), file.name) if file else ("", "")


def _one(
    root: Path, chosen: str, part: str, file: str, fits: Callable[[Path, Iterable[str]], bool]
) -> Path:
    if chosen:
        folder = (root / chosen).resolve()
        if not (folder / file).is_file() or not folder.is_relative_to(root.resolve()):
            raise Failure(
                f"--{part} {chosen}: there is no {file} in that folder of the app.",
                f"Name the {part}'s folder, relative to the app's",
            )
        return folder
    found = [folder for folder, files in searched(root.resolve()) if fits(folder, files)]
    found = _preferred(root.resolve(), found)
    if len(found) == 1:
        return found[0]
    if not found:
        what = "manage.py of Django" if part == "backend" else "package.json with Vite"
        raise Failure(
            f"The app has no {part}: no folder has a {what}.",
            f"Name its folder: inv adopt … --{part} DIR",
        )
    names = [str(folder.relative_to(root.resolve())) for folder in found]
    raise Failure(
        f"The app has more than one {part}: {', '.join(names)}.",
        f"Choose one: inv adopt … --{part} {names[0]}",
    )


def _preferred(root: Path, found: list[Path]) -> list[Path]:
    """Without those of tests and examples, and libraries without a page, where others are left."""
    own = [f for f in found if not BESIDES & set(f.relative_to(root).parts)] or found
    pages = [folder for folder in own if (folder / "index.html").is_file()]
    return pages if len(pages) == 1 else own
