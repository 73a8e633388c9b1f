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
from stack.core.console import Failure, print_output, step
from stack.core.polling import NeverHappened, wait_until

SECONDS_TO_STOP = 60

OF_STACK_DEPLOY = "com.docker.stack.image"
"""A service's label: the image in the file from which `docker stack deploy` made it."""


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


def set_image(cluster: Cluster, used: Registry, image: str, before: str) -> None:
    """Ask Swarm for an image that the app had earlier, which the nodes can still get.

    `before` is the image to which a rollback goes then; empty where there is none.
    """
    label = deploy.IMAGE_BEFORE
    noted = ("--label-add", f"{label}={before}") if before else ("--label-rm", label)
    # Else `docker stack deploy` takes the image for the one that it deployed last.
    deployed = ("--label-add", f"{OF_STACK_DEPLOY}={image.partition('@')[0]}")
    with used.docker_config() as environment:
        words = ("--with-registry-auth", "--no-resolve-image", "--image", image)
        name = f"{cluster.name}_{APP}"
        change(cluster, "update", *words, *noted, *deployed, name, **environment)


def require_serving(cluster: Cluster, image: str) -> None:
    """Raise Failure where another image serves: Swarm has taken that one back.

    What Swarm says of its updates has another node's time, so it alone is not relied on.
    """
    if not deploy.is_same_image(serving_image(cluster), image):
        raise Failure(
            "Another version of the app serves than the one that was asked for.",
            "See why: inv cluster.status   and: inv cluster.logs",
        )


def stop(cluster: Cluster, title: str) -> None:
    """Let no replica of the app run. Raises Failure where some could go on unseen."""
    lost = {node.id: node.name for node in cluster.nodes() if node.state != "ready"}
    if away := sorted({lost[r.node] for r in cluster.replicas(APP) if r.node in lost}):
        raise Failure(
            f"{', '.join(away)} cannot be reached, and a replica there may still write.",
            "Start it; or, if it is lost for good: "
            f"docker node demote {away[0]} && docker node rm --force {away[0]}",
        )

    def none_runs() -> bool:
        return not cluster.replicas(APP)

    set_number(cluster, 0)
    try:
        with step(title):
            wait_until("no replica", none_runs, seconds=SECONDS_TO_STOP, every=0.3)
    except NeverHappened as error:
        raise Failure(
            f"A replica of the app still runs after {SECONDS_TO_STOP} s.",
            "See where: inv cluster.status",
        ) from error


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
