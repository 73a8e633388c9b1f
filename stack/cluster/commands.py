"""What the verbs of `inv cluster` do."""

from __future__ import annotations

from collections.abc import Callable

from stack.cluster import (
    adoption,
    deploy,
    nodes,
    preconditions,
    registry,
    report,
    swarm,
    update,
    visit,
)
from stack.cluster import data as data_
from stack.cluster import exec as exec_
from stack.cluster import logs as cluster_logs
from stack.cluster import project as cluster_project
from stack.cluster import up as up_
from stack.cluster.cluster import Cluster
from stack.cluster.project import ClusterProject
from stack.cluster.service import Options
from stack.compose import lifecycle
from stack.core.console import say
from stack.database.server import Server


def project() -> ClusterProject:
    """The cluster of this checkout as Docker Compose knows it, whether it runs or not."""
    return cluster_project.of_checkout()


def require_up() -> Cluster:
    """The cluster that runs. Raises Failure where none does."""
    cluster = up_.of_checkout()
    up_.require_up(cluster)
    return cluster


def up(*, replicas: int | None, ha: bool) -> visit.Asker:
    """Start it, or bring it up to date; print its address. Returns what the app can be asked by."""
    if ha:
        preconditions.require_fit_for_ha(Cluster(cluster_project.of_checkout()))
        cluster_project.keep_highly_available()
    cluster = up_.up(choices=up_.Choices(replicas))
    report.show(cluster)
    visit.tell(cluster)
    return visit.Asker(cluster)


def adopt(
    *,
    replicas: int | None,
    agree: Callable[[str], None],
    may_be_verified: Callable[[], bool],
    verified: Callable[[], bool],
) -> None:
    """Move what `inv prod` has into the cluster."""
    adoption.adopt(
        choices=up_.Choices(replicas),
        agree=agree,
        may_be_verified=may_be_verified,
        verified=verified,
    )


def join(*, manager: bool, rotate: bool) -> None:
    """Print the line for the next machine."""
    cluster = up_.joinable()
    used = registry.of(cluster.root, swarm.data_address(cluster))
    swarm.tell_to_join(cluster, used, manager=manager, rotate=rotate)


def build() -> None:
    """Build and push the images; what runs goes on."""
    cluster = require_up()
    deployment = up_.prepare(cluster)
    lifecycle.build(deployment.project)
    registry.wait_until_it_answers(cluster.client, deployment.registry)
    for image, reference in deploy.push_images(deployment).items():
        say(f"✓ {image}: {reference}", style="green")


def scale(words: str) -> None:
    """Run another number of replicas of a service, e.g. `app=4`."""
    update.scale(require_up(), words)


def status(*, as_json: bool) -> bool:
    """Print what is; whether all is as asked."""
    return report.print_status(as_json=as_json)


def logs(program: str | None, *, tail: str, follow: bool) -> int:
    """Print the log; the exit status."""
    return cluster_logs.show(require_up(), program, tail=tail, follow=follow)


def in_app(*command: str) -> int:
    """Run a command as the app's processes are run; its exit status."""
    return exec_.in_app(require_up(), *command)


def upgrade(
    *,
    image: str,
    stop: bool,
    agree: Callable[[str], None],
    may_be_verified: Callable[[], bool],
    verified: Callable[[], bool],
) -> None:
    """Put the checkout's version, or `image`, into service."""
    update.upgrade(
        require_up(),
        Options(image, stop, agree, may_be_verified, verified),
    )


def rollback() -> None:
    """Go back to the version before."""
    update.rollback(require_up())


def drain(node: str, *, undo: bool) -> None:
    """Move a node's replicas away, or use it again."""
    nodes.drain(require_up(), node, undo=undo)


def data() -> data_.ClusterData:
    """What it has to back up and to restore."""
    return data_.of(require_up())


def db() -> int:
    """Open psql on its database, wherever that is; the exit status."""
    return Server(exec_.beside(require_up())).open_psql()


def down(*, with_data: bool = False) -> None:
    """Stop and remove it."""
    cluster = up_.of_checkout()
    up_.down(cluster, data=with_data)
