"""python -m tests.support.engine: find or start an engine, and get it the base images."""

from __future__ import annotations

import sys

from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.engine import docker_engine
from stack.images import base_images


def main() -> None:
    """Do both; sessions that run at the same time would get the images twice."""
    docker_engine.ensure()
    for choice in base_images.choose(docker_engine.connect(), ROOT, base_images.defaults()):
        print(f"{choice.image} ({choice.origin})")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(str(failure))
