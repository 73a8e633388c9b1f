"""`inv adopt`: put an app with a Django backend and a Vite frontend beside a copy of the stack."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.adopt import contents, own_settings, packages, places, python_code, report, source
from stack.adopt.backend import Backend
from stack.adopt.own_settings import OwnFiles
from stack.adopt.packages import Packages
from stack.adopt.report import Adopted
from stack.adopt.source import Source
from stack.config import checkout_files, project_name
from stack.core import files, signals
from stack.core.console import Failure, step

POSTGRESQL = "django.db.backends.postgresql"


def adopt(
    where: str, *, backend: str = "", frontend: str = "", requirements: str = "", into: str = ""
) -> None:
    """Write the new folder, whole or not at all, and print what was found.

    Raises Failure where the app has no backend, frontend or list of packages, or more than one.
    """
    with signals.interrupt_once():
        found: Adopted | None = None
        try:
            with source.opened(where) as app:
                target = _target(app, into)
                back = places.backend(app.root, backend)
                front = places.frontend(app.root, frontend)
                listed = packages.find(back, app.root, requirements)
                found = Adopted(app, target, Backend(back, listed), front)
                with files.explain_write_errors(target.parent), _made_whole(found) as made:
                    _fill(made, found)
        except KeyboardInterrupt:
            if found is None or not found.is_written:
                remedy = "Nothing was written. Type the command again."
                raise Failure("Interrupted.", remedy) from None
    report.show(found)


def _target(app: Source, into: str) -> Path:
    target = Path(into).expanduser().resolve() if into else app.beside / f"{app.name}-stack"
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Failure(f"{target} exists and is not empty.", "Name another: inv adopt … --into DIR")
    if target.is_relative_to(app.root):
        raise Failure(f"{target} is in the app's folder.", "Name another: inv adopt … --into DIR")
    return target


@contextmanager
def _made_whole(found: Adopted) -> Iterator[Path]:
    """A temporary folder beside the target, which it becomes at the end of the block."""
    target = found.target
    target.parent.mkdir(parents=True, exist_ok=True)
    with files.temporary(target.parent, f".{target.name}-") as made:
        made.mkdir()
        made.chmod(0o755)
        yield made
        with signals.uninterruptible():
            # An empty folder is replaced, one with files is not.
            os.replace(made, target)
            found.is_written = True
            files.give_to_owner_of_folder(target)


def _fill(made: Path, found: Adopted) -> None:
    name = app_name(found.source.name)
    back, front = found.backend.folder, found.frontend
    own: OwnFiles = own_settings.write(found.backend)
    with step("Copying the stack and the app"):
        contents.copy_stack(made, name)
        others = {back, front} - {found.source.root}
        left = contents.copy_app(back, made / "backend", without=others - {back})
        left += contents.copy_app(front, made / "frontend", without=others - {front})
        _copy_packages(found.backend.packages, back, made / "backend")
    for file, text in own.texts.items():
        (made / "backend" / file).write_text(text, encoding="utf-8")
    found.own, found.left_out = own, left
    found.changed = python_code.name_settings_by_default(made / "backend")
    contents.let_into_the_image(made)
    _add_required(made, found)
    checkout_files.ensure_env(made, f"{name}-{project_name.digest(found.target)}")
    if os.geteuid() == 0:
        _give(made, made.parent)


def _copy_packages(listed: Packages, backend: Path, copy: Path) -> None:
    """Files above the backend's folder are copied into it, because the image sees only that."""
    for file in listed.files():
        if file.is_file() and not file.is_relative_to(backend):
            inside = copy / file.relative_to(listed.folder)
            inside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, inside)


def _add_required(made: Path, found: Adopted) -> None:
    """In .env.example, the variables that the app requires and the stack does not give."""
    if found.required:
        with (made / ".env.example").open("a", encoding="utf-8") as example:
            example.write("\n# The app's settings fail without these:\n")
            engine = found.backend.engine_variables
            for name in found.required:
                example.write(f"{name}={POSTGRESQL}\n" if name in engine else f"# {name}=\n")


def _give(made: Path, parent: Path) -> None:
    """What root makes belongs to the owner of the folder that it is in."""
    owner = parent.stat()
    for path in (made, *made.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def app_name(folder: str) -> str:
    """The name for containers and titles, which Docker Compose accepts."""
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.lower()).strip("-_")
    return name or "app"
