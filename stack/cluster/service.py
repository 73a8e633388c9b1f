"""The app's service in Swarm: its number of replicas and its image, and how it is changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from stack.cluster import deploy
from stack.cluster.cluster import Cluster
from stack.cluster.deploy import APP
from stack.cluster.registry import Registry
from stack.core.console import Failure, print_output


@dataclass(frozen=True)
class Options:
    """How an upgrade is made."""

    image: str
    """Of another origin than this checkout; else empty."""
    stop: bool
    agree: Callable[[str], None]
    """Asks a person, who is told what will happen; raises Exit unless they agree."""
    may_be_verified: Callable[[], bool]
    verified: Callable[[], bool]
    """Return whether the running version can be checked, and whether it works."""


def serving_image(cluster: Cluster) -> str:
    """The image that the app's service asks for."""
    service = cluster.service(APP)
    assert service
    return deploy.image_of(service)


def image_before(cluster: Cluster) -> str:
    """The image of the version that served before this one; empty where there was none."""
    service = cluster.service(APP)
    assert service
    return deploy.image_before(service)


def set_number(cluster: Cluster, number: int) -> None:
    """Ask Swarm for so many replicas of the app."""
    change(cluster, "scale", f"{cluster.name}_{APP}={number}")


def set_image(cluster: Cluster, used: Registry, image: str) -> None:
    """Ask Swarm for an image that the app had before, which the nodes can still get."""
    label = f"{deploy.IMAGE_BEFORE}={serving_image(cluster)}"
    with used.docker_config() as environment:
        words = ("--with-registry-auth", "--no-resolve-image", "--image", image)
        labelled = ("--label-add", label)
        change(cluster, "update", *words, *labelled, f"{cluster.name}_{APP}", **environment)


def change(cluster: Cluster, verb: str, *words: str, **environment: str) -> None:
    """Run `docker service VERB`, which keeps what it does not change."""
    argv = ["docker", "service", verb, "--detach", *words]
    env = {**os.environ, **environment}
    done = subprocess.run(
        argv, cwd=cluster.root, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        print_output((done.stdout + done.stderr).splitlines()[-5:])
        raise Failure(
            f"Swarm refuses docker service {verb}.",
            "See what it says above, and: inv cluster.status",
        )
