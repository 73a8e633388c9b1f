"""Commands with the version of the app that serves."""

from __future__ import annotations

import subprocess
import sys

from stack.cluster import registry, swarm
from stack.cluster.cluster import Cluster, Replica
from stack.cluster.deploy import image_of, prepared
from stack.cluster.project import ClusterProject
from stack.cluster.registry import Registry
from stack.compose import lifecycle
from stack.core.process import run_attached

APP = "app"


def here(cluster: Cluster) -> Replica | None:
    """A replica of the app on this machine, if one runs."""
    own = cluster.node().id
    running = (r for r in cluster.replicas(APP) if r.runs and r.node == own)
    return next(running, None)


def in_app(cluster: Cluster, *command: str) -> int:
    """Run a command with this process's terminal, if any; its exit status.

    It runs in a replica on this machine; where there is none, in a container beside the replicas.
    """
    if replica := here(cluster):
        terminal = ["--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
        start = ("docker", "exec", "--interactive", *terminal, replica.container)
        return run_attached([*start, "/entrypoint.sh", *command])
    return _to_start(cluster).attach("run", "--rm", "--no-deps", APP, *command)


def ask(cluster: Cluster, *command: str) -> subprocess.CompletedProcess[str]:
    """The same, and keep what it prints."""
    if replica := here(cluster):
        argv = ["docker", "exec", replica.container, "/entrypoint.sh", *command]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    return _to_start(cluster).capture("run", "--rm", "--no-deps", "-T", APP, *command)


def beside(cluster: Cluster, image: str = "") -> ClusterProject:
    """The project, for commands in a container of an image, by default of the one that serves."""
    settings = lifecycle.prepare(cluster.project, tell=False)
    project = prepared(cluster, settings, Registry("")).project
    service = cluster.service(APP)
    if service and not image:
        image = image_of(service)
    if image:
        made = project.with_settings(CLUSTER_APP_IMAGE=image)
        assert isinstance(made, ClusterProject)
        return made
    return project


def _to_start(cluster: Cluster) -> ClusterProject:
    """The project beside the replicas, with the image that serves."""
    if service := cluster.service(APP):
        have(cluster, image_of(service))
    return beside(cluster)


def have(cluster: Cluster, image: str) -> None:
    """Get an image that this node has not; Docker Compose would build another one of its name."""
    from docker.errors import DockerException, ImageNotFound

    try:
        cluster.client.images.get(image)
    except ImageNotFound:
        used = registry.of(cluster.root, swarm.data_address(cluster))
        try:
            cluster.client.images.pull(image, auth_config=used.auth)
        except DockerException as error:
            raise registry.away(used) from error
