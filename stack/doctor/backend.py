"""The backend, before a build: what `docs/any-app.md` expects of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.adopt import packages, places, python_code
from stack.adopt.backend import Backend, wanted_python
from stack.adopt.packages import Packages, normal, read_toml
from stack.config import dotenv
from stack.core.console import Failure
from stack.doctor.check import Check, attempt
from stack.images import base_images, stand_ins

if TYPE_CHECKING:
    from docker import DockerClient


def checks(root: Path, client: DockerClient | None) -> Iterator[Check]:
    """Whether the image can be built of the checkout's backend and its settings can work."""
    folder = root / "backend"
    yield from attempt("backend", lambda: _place(folder))
    if (folder / "manage.py").is_file():
        yield from attempt("packages of the backend", lambda: _packages(folder))
        yield from attempt("Python of the backend", lambda: _python(root, folder, client))
        yield from attempt("settings of the backend", lambda: _settings(folder))


def require(root: Path, client: DockerClient | None) -> None:
    """Raise Failure for the first of the checks that fails."""
    folder = root / "backend"
    _place(folder)
    _packages(folder)
    _python(root, folder, client)
    list(_settings(folder))


def _place(folder: Path) -> Check:
    if (folder / "manage.py").is_file():
        return Check("backend", True, "manage.py is there")
    below = [f for f, files in places.searched(folder) if places.is_backend(f, files)]
    if len(below) > 1:
        names = ", ".join(str(place.relative_to(folder.parent)) for place in below)
        raise Failure(
            f"backend/ has more than one manage.py: {names}.",
            "Move the content of one of these folders to backend/",
        )
    remedy = "Put a Django project there; or type: inv adopt FOLDER"
    if below:
        place = below[0].relative_to(folder.parent)
        remedy = f"Move the content of {place} to backend/"
    raise Failure("backend/ has no manage.py.", remedy)


def _listed(folder: Path) -> Packages:
    stated = read_toml(folder / "app.toml").get("requirements", "")
    return packages.find(folder, folder, str(stated))


def _packages(folder: Path) -> Check:
    found = _listed(folder)
    if found.is_lock:
        project = read_toml(folder / "pyproject.toml")
        missing = sorted(set(_required(project)) - found.names)
        if missing:
            tool = found.production.partition(".")[0]
            raise Failure(
                f"backend/{found.production} lacks {missing[0]}, which pyproject.toml requires.",
                f"Type in backend/: {tool} lock",
            )
    return Check("packages of the backend", True, found.production)


def _required(project: dict[str, Any]) -> Iterator[str]:
    """The names that pyproject.toml requires in production."""
    for requirement in project.get("project", {}).get("dependencies", ()):
        match = re.match(r"[A-Za-z0-9][\w.-]*", requirement)
        if match and ";" not in requirement:  # a marker may mean other systems
            yield normal(match[0])
    poetry = project.get("tool", {}).get("poetry", {}).get("dependencies", {})
    yield from (normal(name) for name in poetry if name != "python")


def _python(root: Path, folder: Path, client: DockerClient | None) -> Check:
    wanted, file = wanted_python(folder, folder)
    image = _image(root, client)
    version = re.search(r":(\d+\.\d+)", image)
    if not wanted or file != "pyproject.toml" or not version or admits(wanted, version[1]):
        return Check("Python of the backend", True, wanted or "any")
    oldest = re.search(r"(?:[>~=]=|\^|~)\s*(\d+\.\d+)", wanted)
    fitting = oldest[1] if oldest and admits(">=3.11", oldest[1]) else "3.13"
    raise Failure(
        f"The backend needs Python {wanted}; the image {image} has {version[1]}.",
        f"Set PYTHON_IMAGE=python:{fitting}-slim in .env, or change requires-python",
    )


def _image(root: Path, client: DockerClient | None) -> str:
    """The base image that a build takes, as far as that is known without asking a registry."""
    default = base_images.defaults()["PYTHON_IMAGE"]
    own, stand_in = dotenv.setting(root, "PYTHON_IMAGE"), stand_ins.STAND_INS["python"]
    if own or client is None or base_images.is_local(client, default):
        return own or default
    return stand_in if base_images.is_local(client, stand_in) else default


def admits(wanted: str, version: str) -> bool:
    """Whether a specifier, also one of Poetry's, admits some release of a minor version."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    wanted = re.sub(r"\^\s*(\d+)((?:\.\d+)*)", r">=\1\2,==\1.*", wanted)
    wanted = re.sub(r"(?<!=)~\s*(\d+\.\d+)(?:\.\d+)?(?!\d)", r"==\1.*", wanted)
    try:
        allowed = SpecifierSet(wanted)
    except InvalidSpecifier:
        return True
    return any(allowed.contains(f"{version}.{patch}") for patch in range(40))


def _settings(folder: Path) -> Iterator[Check]:
    backend = Backend(folder, _listed(folder))
    if backend.engine == "mysql":
        raise Failure(
            f"The database of {backend.settings.module} is MySQL; the stack has PostgreSQL.",
            "Read DATABASE_URL or POSTGRES_HOST in the settings; see docs/any-app.md",
        )
    yield from _assigned(folder, backend)
    required = [name for name in backend.required if not dotenv.setting(folder.parent, name)]
    yield Check(
        "settings of the backend",
        not required,
        f"{backend.settings.module} fails without {' '.join(required)}"
        if required
        else backend.settings.module,
        "Set these in .env",
        is_hint=True,  # a helper of the app's may give a default
    )


def _assigned(folder: Path, backend: Backend) -> Iterator[Check]:
    """Files that name their own settings, whatever the stack names."""
    asgi = python_code.module_file(folder, backend.asgi.partition(":")[0]) if backend.asgi else None
    for file in filter(None, (folder / "manage.py", asgi)):
        found = python_code.ASSIGNED.search(file.read_text(encoding="utf-8", errors="replace"))
        if found and found[1].strip("\"'") != backend.settings.module:
            yield Check(
                "settings of the backend",
                False,
                f"{file.relative_to(folder.parent)} replaces DJANGO_SETTINGS_MODULE",
                f'Write there: os.environ.setdefault("DJANGO_SETTINGS_MODULE", {found[1]})',
                is_hint=True,
            )
