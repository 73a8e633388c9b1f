"""The files that `inv env` writes once and never again: `.env` and one file a secret.

Only the name of the checkout's stacks is added to a `.env` that has none yet.

Values in `.env` reach a container as environment, which `docker inspect` shows to anyone who may
ask the engine. Secrets are therefore files of their own in `.secrets/`, mounted where production
reads them. The folder is closed to other users of the host; the files in it are readable because
the container's user, who is not the host's, reads them through the mount.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from pathlib import Path

from stack import names, writing
from stack.console import Failure


def read(path: Path) -> dict[str, str]:
    """The variables of a .env file; empty when there is none.

    Raises Failure that names the first line that cannot be understood.
    """
    if not path.exists():
        return {}
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path.name} cannot be read: {error}", f"Mend {path.name}.") from error
    for binding in bindings:
        if binding.error:
            # No more than its first word: the rest may be a secret.
            words = binding.original.string.split()
            shown = words[0].partition("=")[0] if words else ""
            raise Failure(
                f"{path.name}, line {binding.original.line} is not NAME=value: {shown}…",
                f"Mend that line, or put a # in front of it ({path.name} is like .env.example).",
            )
    return {b.key: b.value for b in bindings if b.key is not None and b.value is not None}


def ensure(root: Path) -> list[Path]:
    """Write `.env` and the secrets that are missing; return what was written.

    What exists is left as it is. Raises Failure where the checkout cannot be written.
    """
    written = []
    with writing.into(root):
        if ensure_settings(root):
            written.append(root / ".env")
        folder = root / ".secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, root.stat().st_uid, root.stat().st_gid)
        for name, value in _fresh_secrets().items():
            if _write_once(folder / name, value + "\n", 0o444):
                written.append(folder / name)
    return written


def ensure_settings(root: Path) -> bool:
    """Write `.env` alone, or the stacks' name into it; whether either was missing."""
    return _write_once(root / ".env", _env_text(root), 0o600) or _add_name(root)


def secret_files(root: Path) -> list[Path]:
    """Where each secret is, or would be."""
    return [root / ".secrets" / name for name in sorted(_fresh_secrets())]


def secrets_digest(root: Path) -> str:
    """A number that changes when a secret does; it gives none away, as one of them is long."""
    present = [path.read_bytes() for path in secret_files(root) if path.exists()]
    return hashlib.sha256(b"\0".join(present)).hexdigest()[:16] if present else ""


def _fresh_secrets() -> dict[str, str]:
    return {
        "secret_key": secrets.token_urlsafe(64),
        "postgres_password": secrets.token_urlsafe(32),
        "mqtt_password": secrets.token_urlsafe(24),
    }


def _env_text(root: Path) -> str:
    """`.env.example` with the lines filled in that this host knows the answer to."""
    owner = root.stat()
    answers = {
        names.VARIABLE: names.name_of(root),
        "LOCAL_UID": str(owner.st_uid),
        "LOCAL_GID": str(owner.st_gid),
        "CA_BUNDLE": ".secrets/ca-bundle",
        "APP_CPUS": str(os.cpu_count() or 1),
        "DB_CPUS": str(os.cpu_count() or 1),
    }
    example = (root / ".env.example").read_text(encoding="utf-8")
    return "".join(_filled(line, answers) for line in example.splitlines(keepends=True))


def _add_name(root: Path) -> bool:
    """Add the stacks' name to a `.env` from before it was there; False when it has one."""
    path = root / ".env"
    if read(path).get(names.VARIABLE):
        return False
    line = f"{names.VARIABLE}={names.name_of(root)}\n"
    with path.open("rb+") as stream:
        if (content := stream.read()) and not content.endswith(b"\n"):
            stream.write(b"\n")
        stream.write(b"\n# The name of this checkout's containers and volumes.\n" + line.encode())
    return True


def _filled(line: str, answers: dict[str, str]) -> str:
    name = line.lstrip("# ").partition("=")[0]
    return f"{name}={answers[name]}\n" if name in answers and "=" in line else line


def _write_once(path: Path, text: str, mode: int) -> bool:
    """Write a whole file that did not exist; False when it did. Never a half-written one."""
    if path.exists():
        return False
    temporary = _temporary(path, text.encode(), mode)
    try:
        os.link(temporary, path)  # unlike a rename, it never replaces what came in between
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    return True


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file in the place of what was there, which belongs to the folder's owner."""
    os.replace(_temporary(path, content, mode), path)


def _temporary(path: Path, content: bytes, mode: int) -> str:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.chmod(temporary, mode)
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(temporary, owner.st_uid, owner.st_gid)
    return temporary
