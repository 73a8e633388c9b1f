"""The app's folder: a folder of this machine, or a clone of a Git URL."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.config.version import GIT
from stack.core import files
from stack.core.console import Failure, step

URL = re.compile(r"^(?:[a-z+]+://|[\w.-]+@[\w.-]+:|git@)", re.I)
LOGIN = re.compile(r"(?<=://)[^/@\s]+@")

SECONDS = 600


@dataclass(frozen=True)
class Source:
    """An app's folder and its name, e.g. `shop`; `beside` is where the new folder goes."""

    root: Path
    name: str
    beside: Path


@contextmanager
def opened(where: str) -> Iterator[Source]:
    """The folder, or a clone that is removed after the block. Raises Failure without either."""
    if not URL.match(where):
        root = Path(where).expanduser().resolve()
        if not root.is_dir():
            raise Failure(f"There is no folder {where}.", "Name an app's folder, or a Git URL")
        yield Source(root, root.name, root.parent)
        return
    with files.temporary_folder("adopt-") as folder:
        name = re.sub(r"\.git$", "", where.rstrip("/")).replace(":", "/").rpartition("/")[2]
        root = folder.resolve() / (name or "app")
        with step(f"Cloning {shown(where)}"):
            _clone(where, root)
        yield Source(root, root.name, Path.cwd())


def _clone(url: str, root: Path) -> None:
    said = _git("clone", "--quiet", "--depth", "1", "--", url, str(root))
    if not said and (root / ".gitmodules").exists():
        fetch = ("-C", str(root), "submodule", "--quiet", "update", "--init", "--recursive")
        # Some servers give no single commit that is not the last one of a branch.
        said = _git(*fetch, "--depth", "1") and _git(*fetch)
    if said:
        reason = next((line for line in said if line.startswith(("fatal:", "remote:"))), said[-1])
        raise Failure(
            f"git cannot clone {shown(url)}: {shown(reason.partition(': ')[2] or reason)}",
            "Check the address and the network; or clone it by hand and name the folder",
        )


def _git(*words: str) -> list[str]:
    """The lines of an error; none where it works."""
    # git must not wait for a user name at the terminal.
    env = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [*GIT, *words], env=env, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        raise Failure(
            "git is not installed, and the app is a Git URL.", "Install git, or name a folder"
        ) from None
    except subprocess.TimeoutExpired:
        return [f"no answer within {SECONDS} s"]
    return (done.stderr.strip() or "no reason given").splitlines() if done.returncode else []


def shown(text: str) -> str:
    """The text without the user name and the password in a URL."""
    return LOGIN.sub("", text)
