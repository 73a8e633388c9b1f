"""Which files of an app are not copied, and why."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path

SHARED_ENV = (".example", ".sample", ".template", ".dist")

KEYS = (
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore"),
    *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"),
)
"""Names of files with private keys, as in .dockerignore."""

DATABASES = ("*.sqlite3", "*.sqlite3-journal", "*.dump")

VITE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?VITE_\w*[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`|[^\n#]*)""", re.M
)
"""A variable that Vite puts into every page, so that it is no secret."""


@dataclass(frozen=True)
class Reason:
    """Why files are not copied, and what to do about it."""

    what: str
    remedy: str


ENV = Reason("as they may hold secrets", "Set what they set in .env")
PARTLY = Reason(
    "except for their lines VITE_…, which each page has",
    "Set the others in .env, or while you build",
)
KEY = Reason("as they are no public keys", "Give keys to the app in variables: set these in .env")
DATABASE = Reason(
    "as they are databases", "Load data into PostgreSQL: inv dev.manage loaddata FILE"
)
LINK = Reason(
    "as they are links to folders, or lead out of theirs", "Copy what they lead to in their place"
)
SUBMODULE = Reason(
    "as they are Git repositories of their own",
    "Submodules: type git submodule update --init in the app's folder; then adopt it again",
)
BUILT = Reason("as the stack builds the page itself", "Put other files into public/")


@dataclass(frozen=True)
class LeftOut:
    """A file, e.g. `backend/.env`."""

    name: str
    reason: Reason


def why(file: Path, part: Path) -> Reason | None:
    """Why a file of the backend's or the frontend's folder is not copied; None for the others."""
    inside = file.relative_to(part).parts
    if not file.resolve().is_relative_to(part.resolve()) or not file.exists():
        return LINK
    if file.is_dir():
        return LINK if file.is_symlink() else SUBMODULE
    if inside[0] == "dist" and (part / "package.json").is_file():
        return BUILT
    if _matches(file.name, DATABASES):
        return DATABASE
    if _matches(file.name, KEYS) and not is_public(file):
        return KEY
    if _is_env(file, inside) and not _is_public_env(file):
        is_of_vite = file.name.startswith(".env") and (part / "package.json").is_file()
        return PARTLY if is_of_vite and public_lines(file) else ENV
    return None


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def is_public(file: Path) -> bool:
    """Whether a file has the name of a private key and holds certificates or public keys in PEM."""
    if not _matches(file.name, KEYS) or not file.is_file():
        return False
    text = file.read_text(encoding="utf-8", errors="replace")
    return "-----BEGIN " in text and "PRIVATE" not in text


def _is_env(file: Path, inside: tuple[str, ...]) -> bool:
    """Whether it is an `.env` file and no example."""
    is_env = file.name.startswith(".env") or ".envs" in inside
    return is_env and not file.name.endswith(SHARED_ENV) and ".envrc" not in file.name


def _is_public_env(file: Path) -> bool:
    """Whether it has only what Vite puts into every page."""
    return "=" not in VITE.sub("", file.read_text(encoding="utf-8", errors="replace"))


def public_lines(file: Path) -> str:
    """The variables in an `.env` file that Vite puts into every page."""
    found = VITE.findall(file.read_text(encoding="utf-8", errors="replace"))
    return "".join(f"{line}\n" for line in found)
