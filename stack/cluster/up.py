"""`inv cluster`: from a machine with an engine to a cluster that serves; and taking it down."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stack.backup import archive, restore
from stack.cluster import (
    converge,
    deploy,
    judge,
    members,
    networks,
    nodes,
    objects,
    preconditions,
    registry,
    service,
    stack_file,
    swarm,
)
from stack.cluster import project as cluster_project
from stack.cluster.cluster import STACK_LABEL, Cluster
from stack.cluster.deploy import Deployment
from stack.cluster.project import ClusterProject
from stack.compose import lifecycle
from stack.config import settings
from stack.config.modes import ROOT
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.polling import wait_until
from stack.database import client, migrations, promote
from stack.database.promote import TEMPORARY
from stack.database.server import Server
from stack.doctor import backend, frontend
from stack.engine import disk, docker_engine

if TYPE_CHECKING:
    from docker.models.volumes import Volume

DATABASE = frozenset({"db", *members.SERVICES})
REGISTRY_ONLY = frozenset({registry.SERVICE})


@dataclass(frozen=True)
class Choices:
    """What the command line says."""

    replicas: int | None = None


def of_checkout(root: Path = ROOT) -> Cluster:
    """The cluster of a checkout, whose engine is a manager. Raises Failure."""
    project = cluster_project.of_checkout(root)
    cluster = Cluster(project)
    swarm.require_manager(cluster.client)
    return cluster


def require_up(cluster: Cluster) -> None:
    """Raise Failure where the stack is not deployed."""
    if not cluster.is_up():
        raise Failure("The cluster's stack does not run.", "Type: inv cluster")


def up(root: Path = ROOT, choices: Choices | None = None) -> Cluster:
    """Build what changed, put it on the nodes and wait until it serves."""
    cluster = startable(root)
    preconditions.require_no_prod(cluster.project)
    deployment = begin(cluster)
    put_into_service(deployment, choices or Choices())
    return deployment.cluster


def startable(root: Path) -> Cluster:
    """The cluster of a checkout that could be built here. Raises Failure; nothing was changed."""
    settings.require_valid(root)
    docker_engine.connect()
    project = cluster_project.of_checkout(root)
    backend.require(root, project.client)
    frontend.require(root)
    disk.require_room()
    return Cluster(project)


def begin(cluster: Cluster) -> Deployment:
    """Make the engine a manager, and build what a deployment needs; no service is started yet."""
    swarm.init(cluster.client, cluster.root)
    preconditions.require_own_checkout(cluster)
    preconditions.require_same_database(cluster)
    swarm.label_data_node(cluster)
    members.ensure(cluster)
    deployment = prepare(cluster)
    if deployment.project.has_external:
        client.require_answer(deployment.project)
    lifecycle.build(deployment.project)
    return deployment


def joinable(root: Path = ROOT) -> Cluster:
    """The cluster of a checkout, which other machines can join, also before its stack runs."""
    cluster = startable(root)
    if not swarm.is_member(cluster.client):
        swarm.init(cluster.client, cluster.root)
        swarm.label_data_node(cluster)
    swarm.require_manager(cluster.client)
    if not cluster.is_up():
        prepare(cluster, tell=False)  # the registry's certificate is in the line
    return cluster


def prepare(cluster: Cluster, *, tell: bool = True) -> Deployment:
    """Everything that a deployment needs beside the app's image: secrets, registry, own images."""
    address = swarm.data_address(cluster)
    used = registry.of(cluster.root, address)
    deployment = deploy.prepared(cluster, lifecycle.prepare(cluster.project, tell=tell), used)
    deploy.build_own_images(deployment)
    deploy.build_images_of_compose(deployment)
    if not used.is_own:
        return deployment
    image = next(iter(deployment.images_of(only=REGISTRY_ONLY)))
    registry.ensure_secrets(cluster.client, cluster.root, image, address)
    return replace(deployment, registry=registry.of(cluster.root, address))


def put_into_service(deployment: Deployment, choices: Choices) -> None:
    """Push the images, prepare the database, and let Swarm run what the files say."""
    cluster = deployment.cluster
    since = datetime.now(UTC)
    made = start_database(deployment, choices)
    if cluster.service(deploy.APP):
        # Replicas serve: what is missing is applied only where they can go on.
        judge.require_additive(judge.pending(deployment.project))
        apply_additive(deployment)
    else:
        with step("Preparing the database"):
            migrations.bring_up_to_date(deployment.project, database_name(deployment.project))
    deploy.hand_over(deployment, made, prune=True)
    nodes.look_again(cluster)
    converge.wait(cluster, since=since)
    service.require_serving(cluster, made["services"][deploy.APP]["image"])


def start_database(deployment: Deployment, choices: Choices) -> stack_file.Config:
    """Push the images, and let the database be ready; the whole file for Swarm."""
    since = datetime.now(UTC)
    preconditions.require_memory(deployment)
    if deployment.registry.is_own:
        _start_registry(deployment)
    references = deploy.push_images(deployment)
    replicas = {deploy.APP: choices.replicas} if choices.replicas else {}
    made = deploy.make_file(deployment, references, replicas)
    if first := frozenset(made["services"]) & DATABASE:
        _bring_database(deployment, made, first, since)
    if choices.replicas:
        preconditions.require_sessions(deployment.project, choices.replicas)
    return made


def _bring_database(
    deployment: Deployment, made: stack_file.Config, names: frozenset[str], since: datetime
) -> None:
    """Let the database be as the file says, before the app needs it."""
    cluster = deployment.cluster
    if cluster.project.is_highly_available and members.run(cluster):
        members.update(deployment, made)
        return
    if names <= cluster.services().keys():
        return  # with the others
    title = "Starting the database"
    deploy.hand_over(deployment, deploy.only_services(made, names), prune=False, title=title)
    title = "Waiting until the database is ready"
    converge.wait(cluster, since=since, title=title, only=names)


def database_name(project: ClusterProject) -> str:
    """The app's database."""
    external = project.external
    assert external
    return external.name


def rehearse(deployment: Deployment, backup: Path) -> float:
    """Migrate a copy of the database with the new version; the seconds that it took."""
    database, copy = Server(deployment.project), TEMPORARY + promote.stamp()
    try:
        with archive.opened(backup) as opened:
            restore.require_room(database, opened)
            restore.fill(database, copy, opened)
        started = time.monotonic()
        with step("Rehearsing the migrations on a copy"):
            migrations.bring_up_to_date(deployment.project, copy)
        return time.monotonic() - started
    finally:
        database.drop(copy)


def apply_additive(deployment: Deployment) -> None:
    """Apply migrations with which old replicas can serve, and note that in the database."""
    name = database_name(deployment.project)
    with step("Applying the migrations while all replicas serve"):
        migrations.bring_up_to_date(deployment.project, name, ADDITIVE_MIGRATIONS="true")


def _start_registry(deployment: Deployment) -> None:
    """Start the own registry before there is anything in it, and let this engine trust it."""
    cluster = deployment.cluster
    image = next(iter(deployment.images_of(only=REGISTRY_ONLY)))
    registry.trust(cluster.client, deployment.registry, cluster.root, image)
    if not cluster.service(registry.SERVICE):
        made = deploy.make_file(deployment, {i: i for i in deployment.images_of()})
        deploy.hand_over(
            deployment,
            deploy.only_services(made, REGISTRY_ONLY),
            prune=False,
            title="Starting the registry",
        )
    registry.wait_until_it_answers(cluster.client, deployment.registry)


def down(cluster: Cluster, *, data: bool = False) -> None:
    """Remove the stack, its networks, secrets and configs; the data stays unless `data`."""
    with signals.uninterruptible():
        stop(cluster)
        networks.remove(cluster)
        objects.remove_unused(cluster)
        if data:
            _remove_volumes(cluster)
    others = [node.name for node in cluster.nodes() if node.id != cluster.node().id]
    if data and others:
        volumes_there = f"docker volume ls --quiet --filter 'name=^{cluster.name}_'"
        say(f"{', '.join(others)} keep their volumes; to delete them, type there:")
        say(f"  {volumes_there} | xargs --no-run-if-empty docker volume rm")


def stop(cluster: Cluster) -> None:
    """Remove all services; what they have at this node, ports too, is free then."""
    for found in cluster.services().values():
        found.remove()  # type: ignore[no-untyped-call]  # types-docker has none
    with step("Stopping what the cluster runs"):
        wait_until("no replica", lambda: not _containers(cluster), seconds=120, every=0.5)


def _containers(cluster: Cluster) -> bool:
    """Whether a replica is still on this machine."""
    label = f"{STACK_LABEL}={cluster.name}"
    here = cluster.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
    return bool(here)


def _remove_volumes(cluster: Cluster) -> None:
    for volume in volumes(cluster):
        volume.remove()


def volumes(cluster: Cluster) -> list[Volume]:
    """Those of the cluster's name on this node: Swarm makes some, and Docker Compose others."""
    prefix = f"{cluster.name}_"
    return [v for v in cluster.client.volumes.list() if str(v.name).startswith(prefix)]
