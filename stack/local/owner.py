"""For root in another user's checkout: become that user."""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from pathlib import Path

from stack.core import environment
from stack.core.console import Failure


def become(root: Path) -> None:
    """Let root take on the identity of the checkout's owner, as the dev container does."""
    owner = root.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    try:
        name, home = (entry := pwd.getpwuid(owner.st_uid)).pw_name, entry.pw_dir
    except KeyError as error:
        raise Failure(
            f"The owner of this checkout, user {owner.st_uid}, has no name on this machine.",
            f"Make it root's: chown -R 0:0 {shlex.quote(str(root))}",
        ) from error
    os.initgroups(name, owner.st_gid)
    os.setgid(owner.st_gid)
    os.setuid(owner.st_uid)
    os.environ |= {"HOME": home, "USER": name, "LOGNAME": name}
    environment.clean()  # root's TMPDIR may be closed to that user
    if not os.access(os.__file__, os.R_OK):
        raise Failure(
            f"{name}, the owner of this checkout, may not use the Python in {sys.base_prefix}.",
            f"As {name}, or with another Python first on PATH: rm -rf .venv; ./bootstrap inv local",
        )
    if not os.access(root, os.W_OK | os.X_OK):
        raise Failure(
            f"The owner of {root} may not enter it.", f"Move it to a folder that {name} may enter."
        )
