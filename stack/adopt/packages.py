"""The packages that a backend requires: where they are listed, and their names."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.core.console import Failure

# In the order of docker/dev/bin/install-requirements.
PRODUCTION = (
    "requirements.txt",
    *(f"requirements/{n}.txt" for n in ("production", "prod", "base")),
)
DEVELOPMENT = (
    *("requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt"),
    *(f"requirements/{name}.txt" for name in ("local", "dev", "development")),
)
LOCKS = ("uv.lock", "poetry.lock")
SUPPORTED = "requirements.txt, or pyproject.toml with uv.lock or poetry.lock"


@dataclass(frozen=True)
class Packages:
    """One of the forms that docs/any-app.md names."""

    folder: Path
    """Where it is: the backend's folder, or one above it."""
    production: str
    """Relative to `folder`: a requirements file, or a lock file beside pyproject.toml."""
    development: str = ""
    names: frozenset[str] = frozenset()
    is_chosen: bool = False
    """Whether the user named it, so that the container cannot find it by itself."""

    @property
    def is_lock(self) -> bool:
        return Path(self.production).name in LOCKS

    def files(self) -> list[Path]:
        """What the image installs from, for a copy into backend/."""
        if self.is_lock:
            return [self.folder / "pyproject.toml", self.folder / self.production]
        first = self.folder / self.production
        around = first.parent.rglob("*.txt") if first.parent != self.folder else ()
        named = [first, self.folder / self.development] if self.development else [first]
        included = (file for each in named for file in _included(each, set()))
        return sorted({*named, *around, *included})


def find(backend: Path, root: Path, chosen: str = "") -> Packages:
    """The lists of packages in the backend's folder, or in the nearest above it up to `root`.

    Raises Failure where there is none in a form that the image installs.
    """
    if chosen:
        return _whole(_chosen(backend, root, chosen), root)
    for folder in (backend, *backend.parents):
        if found := _in(folder):
            return _whole(found, root)
        if folder == root:
            break
    if lock := next((n for f in (backend, root) for n in LOCKS if (f / n).exists()), None):
        raise Failure(
            f"{lock} has no pyproject.toml beside it.",
            "Put the pyproject.toml that it was made from into its folder",
        )
    if (backend / "Pipfile.lock").exists() or (root / "Pipfile.lock").exists():
        raise Failure(
            "The backend's packages are in Pipfile.lock, which the image does not read.",
            "Type in its folder: pipenv requirements > requirements.txt",
        )
    if pyproject := next((f for f in (backend, root) if (f / "pyproject.toml").exists()), None):
        raise Failure(
            f"{(pyproject / 'pyproject.toml').relative_to(root)} has no lock file beside it.",
            "Type in its folder: uv lock   (or poetry lock)",
        )
    raise Failure(
        f"The backend lists its packages in no file that the image reads ({SUPPORTED}).",
        'Name it: inv adopt … --requirements FILE, or requirements = "…" in backend/app.toml',
    )


def _whole(found: Packages, root: Path) -> Packages:
    """Raise Failure where a list includes one that cannot be copied with it."""
    folder = found.folder.resolve()
    for file in found.files():
        if not file.resolve().is_relative_to(folder):
            raise Failure(
                f"A list of packages in {os.path.relpath(folder, root.resolve())}/ includes"
                f" {os.path.relpath(file, folder)}, which is not in that folder.",
                "Move the lines of that list into the one that includes it",
            )
    return found


def _in(folder: Path) -> Packages | None:
    for name in LOCKS:
        if (folder / name).is_file() and (folder / "pyproject.toml").is_file():
            return Packages(folder, name, "", frozenset(_locked(folder / name)))
    development = next((name for name in DEVELOPMENT if (folder / name).is_file()), "")
    for name in PRODUCTION:
        if (folder / name).is_file():
            names = frozenset(_names_in(folder / name, set()))
            return Packages(folder, name, development, names)
    return None


def _chosen(backend: Path, root: Path, chosen: str) -> Packages:
    file = (root / chosen).resolve()
    if not file.is_file() or not file.is_relative_to(root):
        raise Failure(
            f"--requirements {chosen}: the app has no such file.",
            "Name it relative to the app's folder",
        )
    folder = backend if file.is_relative_to(backend) else file.parent
    names = _locked(file) if file.name in LOCKS else _names_in(file, set())
    return Packages(folder, str(file.relative_to(folder)), "", frozenset(names), is_chosen=True)


def _names_in(file: Path, seen: set[Path]) -> set[str]:
    """The names in a requirements file, and in those that it includes."""
    names: set[str] = set()
    for included in _included(file, seen):
        for line in included.read_text(encoding="utf-8-sig", errors="replace").splitlines():
            if match := re.match(r"([A-Za-z0-9][\w.-]*)", line.strip()):
                names.add(normal(match[1]))
    return names


def _included(file: Path, seen: set[Path]) -> set[Path]:
    """The file, and those that its lines `-r FILE` name."""
    if file in seen or not file.is_file():
        return set()
    seen.add(file)
    found = {file}
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    for name in re.findall(r"^\s*(?:-r|--requirement|-c|--constraint)[ =]*(\S+)", text, re.M):
        found |= _included((file.parent / name).resolve(), seen)
    return found


def _locked(lock: Path) -> set[str]:
    return {normal(str(package["name"])) for package in read_toml(lock).get("package", [])}


def read_toml(file: Path) -> dict[str, Any]:
    """Its content; empty where there is none, or it is broken."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def normal(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
