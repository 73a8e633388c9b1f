"""python -m stack.engine: find a Docker engine, or install and start one."""

from __future__ import annotations

import sys

from stack.core.console import Failure
from stack.engine import docker_engine

if __name__ == "__main__":
    try:
        docker_engine.ensure()
    except Failure as failure:
        sys.exit(str(failure))
