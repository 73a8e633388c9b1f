"""The checkout: `.env`, secrets, executable files, and the Python environment beside them."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose import checkout, lifecycle
from stack.config import checkout_files, dotenv, settings
from stack.config import secrets as secret_files
from stack.config.version import ask_git
from stack.core import files
from stack.doctor.check import Check

if TYPE_CHECKING:
    from docker import DockerClient


def env(root: Path) -> Iterator[Check]:
    """Whether `.env` exists, is readable, has Unix line ends and is closed to other users."""
    path = root / ".env"
    if not path.exists():
        yield Check(
            ".env",
            False,
            "not there yet",
            "inv env",
            is_hint=True,
            fix=lambda: checkout_files.ensure_env(root, checkout.name_of(root)),
        )
        return
    yield Check(".env", True, f"{len(dotenv.read(path))} settings")
    if b"\r\n" in path.read_bytes():
        yield Check(
            "line ends of .env",
            False,
            "those of Windows; in a shell each value ends with an invisible character",
            "Save it with Unix line ends",
            is_hint=True,
            fix=lambda: files.replace(
                path,
                path.read_bytes().replace(b"\r\n", b"\n"),
                stat.S_IMODE(path.stat().st_mode),
            ),
        )
    if path.stat().st_mode & 0o077:
        yield _mode(root, path, 0o600, "open to other users", is_hint=True)


def values(root: Path) -> Check:
    """Whether a stack can start with the settings of `.env` and the environment."""
    return Check("settings", True, f"{settings.require_valid(root)} fit")


def secrets(root: Path, client: DockerClient | None) -> Iterator[Check]:
    """Whether secrets exist and are not empty; the folder is closed, the files are readable."""
    folder, paths = root / ".secrets", secret_files.paths(root)
    missing = [path.name for path in paths if not path.exists()]
    found = f"missing: {', '.join(missing)}" if missing else "all there"
    can_write_secrets = client is not None or "postgres_password" not in missing
    yield Check(
        ".secrets",
        not missing,
        found,
        "inv env",
        is_hint=True,
        # Only the engine knows whether a database uses the password that is missing.
        fix=(lambda: _write_secrets(root, client)) if can_write_secrets else None,
    )
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        yield _mode(root, folder, 0o700, "open to other users")
    for path in paths:
        if path.exists() and path.stat().st_mode & 0o444 != 0o444:
            yield _mode(root, path, 0o444, "not readable in the container")
        if path.exists() and path.stat().st_size < 2:  # a line end alone
            remedy = f"Type: rm -f {path.relative_to(root)}   then inv env"
            yield Check(f".secrets/{path.name}", False, "is empty", remedy)


def _write_secrets(root: Path, client: DockerClient | None) -> None:
    """Raises Failure rather than make a password that the database does not have."""
    if client is not None:
        lifecycle.require_password_of_database(root)
    checkout_files.ensure(root, checkout.name_of(root))


def _mode(root: Path, path: Path, wanted: int, found: str, *, is_hint: bool = False) -> Check:
    name = path.relative_to(root)
    return Check(
        f"mode of {name}",
        False,
        f"{found} ({stat.S_IMODE(path.stat().st_mode):o})",
        f"Type: chmod {wanted:o} {name}",
        is_hint=is_hint,
        fix=lambda: path.chmod(wanted),
    )


def executables(root: Path) -> Check:
    """Whether files that git has as executable are; a copy by a USB stick or a zip loses that."""
    listed = ask_git(root, "ls-files", "--stage", "-z")
    if not listed:
        return Check("executable files", True, "unknown outside of a git checkout")
    entries = [entry.partition("\t") for entry in listed.split("\0") if entry]
    wanted = [root / name for mode, _, name in entries if mode.startswith("100755")]
    lost = [path for path in wanted if path.is_file() and not path.stat().st_mode & stat.S_IXUSR]
    names = " ".join(str(path.relative_to(root)) for path in lost)
    return Check(
        "executable files",
        not lost,
        f"not executable: {names}" if lost else f"{len(wanted)} are",
        f"Type: chmod +x {names}",
        fix=lambda: _make_executable(lost),
    )


def _make_executable(paths: list[Path]) -> None:
    for path in paths:
        path.chmod(path.stat().st_mode | 0o111)


def venv(root: Path) -> Check:
    """Whether `.venv` was made from the lock file as it is now."""
    folder = root / ".venv"
    if not folder.is_dir():
        return Check(".venv", True, f"none; running in {sys.prefix}")
    lock = (root / "requirements" / "tools.txt").read_bytes()
    made_from = folder / "made-from"
    said = made_from.read_text(encoding="utf-8") if made_from.is_file() else ""
    ok = cksum(lock) in said and f" {folder}\n" in said
    found = "as the lock file says" if ok else "stale: made from another lock file, or elsewhere"
    remake = [str(root / "bootstrap"), "true"]
    return Check(
        ".venv",
        ok,
        found,
        "Type: ./bootstrap inv doctor",
        is_hint=True,
        fix=lambda: subprocess.run(remake, check=False),
    )


def cksum(content: bytes) -> str:
    """Number and size as POSIX `cksum` prints them, which ./bootstrap records."""
    done = subprocess.run(["cksum"], input=content, capture_output=True, check=True)
    return done.stdout.decode().strip()
