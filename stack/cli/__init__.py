"""What `tasks.py` calls. It refuses an Invoke that ./bootstrap has not installed, on first import:
other modules need its packages, and the Python that it is for.
"""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec

from stack.core.console import Failure

PACKAGES = ("docker", "psutil", "requests", "rich")
"""What requirements/tools.txt installs beside Invoke."""


def _is_installed(package: str) -> bool:
    # The folder docker/ is a package without an origin, which is found where the SDK is not.
    found = find_spec(package)
    return found is not None and found.origin is not None


if sys.version_info < (3, 11) or not all(map(_is_installed, PACKAGES)):
    raise Failure(
        f"The packages of this project are not in {sys.prefix}, where this Invoke is.",
        f"Type: ./bootstrap {shlex.join(['inv', *sys.argv[1:]])}",
    )
