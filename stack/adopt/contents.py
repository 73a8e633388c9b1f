"""What a new folder consists of: files of this stack without the alarm, and the app's files."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from stack.adopt import left_out
from stack.adopt.left_out import LeftOut
from stack.adopt.places import NOT_SEARCHED
from stack.config.modes import ROOT
from stack.config.project_name import PREFIX
from stack.config.version import GIT

TAKEN = (
    *(".ci/*", ".dockerignore", ".editorconfig", ".env.example", ".gitattributes", ".gitignore"),
    *("Dockerfile", "bootstrap", "docker-compose*.yml", "pyproject.toml", "tasks.py"),
    *("compose/*", "docker/*", "stack/*", "requirements/tools.*", "requirements/local.*"),
    *("docs/any-app.md", "docs/backup.md", "docs/engines.md", "docs/networks.md"),
    *("docs/external-database.md", "docs/reverse-proxies.md"),
    *("docs/troubleshooting.md", "tests/__init__.py", "tests/conftest.py"),
    *("tests/smoke/*", "tests/support/*"),
)
"""The files of the stack that an app gets."""

OF_THE_ALARM = (
    *("compose/alarm/*", "compose/mqtt/*", "tests/smoke/alarm/*", "tests/support/alarm.py"),
    *("tests/support/panel.py", "tests/support/metrics.py", "tests/support/migrations.py"),
    "tests/support/throwaway_*",
)
"""Of those, what it does not get."""

OF_A_CHECKOUT = (".env", ".secrets/*", ".backups/*", ".local/*")
"""What a checkout of the stack has for itself; git knows that from .gitignore."""

TEMPLATES = ROOT / "stack" / "adopt" / "templates"
"""Files that replace the alarm's at the same place."""

MARK = "# ---- The settings of the alarm"
"""In .env.example, what follows is the alarm's."""

REPLACED = {
    "stack/config/project_name.py": (('PREFIX = "{old}"', 'PREFIX = "{new}"'),),
    "docker-compose.yml": (
        ("${{ALARM_NAME:-{old}-", "${{ALARM_NAME:-{new}-"),
        (", compose/mqtt/base.yml, compose/mqtt/dev.yml", ""),
    ),
    "docker-compose.prod.yml": (
        ("${{ALARM_NAME:-{old}-", "${{ALARM_NAME:-{new}-"),
        ("      - compose/alarm/prod.yml\n", ""),
        ("      - compose/mqtt/base.yml\n      - compose/mqtt/prod.yml\n", ""),
    ),
    "Dockerfile": (('title="{old}', 'title="{new}'),),
    ".env.example": (("# ALARM_NAME={old}\n", "# ALARM_NAME={new}\n"),),
    "tests/conftest.py": (
        ("from tests.support.alarm import panel, session_panel  # noqa: F401\n", ""),
    ),
    "stack/config/secrets.py": (
        (', "mqtt_password": 24, "pin_pepper": 32', ""),
        ('KEPT_APART = ("pin_pepper",)', "KEPT_APART: tuple[str, ...] = ()"),
    ),
}
"""By file: texts that name the alarm or a part of it, and those in their place."""

NEVER_COPIED = {
    *(".git", ".hg", ".svn", ".venv", ".tox", ".nox", ".idea", ".vscode", ".next"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store", "celerybeat-schedule"),
    *NOT_SEARCHED - {"env", "build", "dist", "vendor", "project_template", "app_template"},
}
"""Names of folders and files of an app that each machine makes for itself."""

NEVER_COPIED_FILES = ("*.py[co]", "*.log")


def stack_files(root: Path = ROOT) -> list[str]:
    """The files of the stack that an app gets, as relative paths."""
    return [
        name
        for name in tracked_files(root)
        if _matches(name, TAKEN) and not _matches(name, OF_THE_ALARM) and (root / name).is_file()
    ]


def tracked_files(root: Path = ROOT) -> list[str]:
    """The files of a checkout of the stack that git tracks or would track."""
    return [name for name in known_files(root) if not _matches(name, OF_A_CHECKOUT)]


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def known_files(root: Path) -> list[str]:
    """What git tracks or would track; without git, all that is not hidden or made here."""
    # Git lists files of submodules only without --others.
    known, new = ("--cached", "--recurse-submodules"), ("--others", "--exclude-standard")
    try:
        names = [name for kind in (known, new) for name in _listed(root, *kind)]
    except (OSError, subprocess.CalledProcessError):
        names = []
    return names or [str(path.relative_to(root)) for path in _walk(root)]


def _listed(root: Path, *kind: str) -> list[str]:
    listing = [*GIT, "ls-files", "-z", *kind, "--", "."]
    listed = subprocess.run(listing, cwd=root, capture_output=True, check=True, text=True)
    return list(filter(None, listed.stdout.split("\0")))


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        environments = {name for name in folders if Path(folder, name, "pyvenv.cfg").exists()}
        folders[:] = sorted(set(folders) - NEVER_COPIED - environments)
        yield from (Path(folder, name) for name in sorted(files))


def copy_stack(target: Path, name: str) -> None:
    """Copy the stack's files, with the app's name in place of the alarm's."""
    for path in stack_files():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path)
    for path, pairs in REPLACED.items():
        file = target / path
        text = file.read_text(encoding="utf-8")
        for old, new in pairs:
            text = text.replace(old.format(old=PREFIX, new=name), new.format(old=PREFIX, new=name))
        file.write_text(text, encoding="utf-8")
    example = target / ".env.example"
    example.write_text(
        example.read_text(encoding="utf-8").partition(MARK)[0].rstrip() + "\n", encoding="utf-8"
    )
    for template in TEMPLATES.rglob("*.*"):
        text = template.read_text(encoding="utf-8").replace("APP_NAME", name)
        (target / template.relative_to(TEMPLATES)).write_text(text, encoding="utf-8")
    for guide in target.glob("docs/*.md"):
        _unlink(guide)


def _unlink(guide: Path) -> None:
    """Keep the words of links to files that an app does not get."""

    def words(link: re.Match[str]) -> str:
        place = link[2].partition("#")[0]
        is_there = not place or "://" in place or (guide.parent / place).exists()
        return link[0] if is_there else link[1]

    text = guide.read_text(encoding="utf-8")
    guide.write_text(re.sub(r"!?\[([^\]]*)\]\(([^)\s]+)\)", words, text), encoding="utf-8")


def copy_app(source: Path, target: Path, *, without: Iterable[Path] = ()) -> list[LeftOut]:
    """Copy a part of an app; returns what was left out and is no file of this machine alone.

    `without` are folders of its other parts.
    """
    found = []
    for name in known_files(source):
        file = source / name
        if not _is_wanted(file, source, without):
            continue
        if reason := left_out.why(file, source):
            shown = file.relative_to(source).parts[0] if reason is left_out.BUILT else name
            found.append(LeftOut(f"{target.name}/{shown}", reason))
        if reason and reason is not left_out.PARTLY:
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target / name)
        if reason:
            (target / name).write_text(left_out.public_lines(file), encoding="utf-8")
    return found


def _is_wanted(file: Path, source: Path, without: Iterable[Path]) -> bool:
    is_deleted = not file.exists() and not file.is_symlink()
    if is_deleted or any(file.is_relative_to(other) for other in without):
        return False
    parts = file.relative_to(source).parts
    return not NEVER_COPIED & set(parts) and not _matches(file.name, NEVER_COPIED_FILES)


def let_into_the_image(target: Path) -> None:
    """In .dockerignore, name the files that have the name of a secret and hold none."""
    ignored = target / ".dockerignore"
    text = ignored.read_text(encoding="utf-8")
    if any((target / "backend" / "media").rglob("*.py")):  # a package of that name
        text = text.replace("\nbackend/media\n", "\n")
    parts = (target / "backend", target / "frontend")
    files = sorted(file for part in parts for file in part.rglob("*") if left_out.is_public(file))
    lines = [f"!{file.relative_to(target)}\n" for file in files]
    text += "".join(["# Certificates and public keys of the app.\n", *lines] if lines else lines)
    ignored.write_text(text, encoding="utf-8")
