"""What has to be so before a cluster is started or changed; nothing was changed where it is not."""

from __future__ import annotations

from pathlib import Path

from stack.cluster import deploy, ha, members, stack_file, swarm
from stack.cluster.cluster import FOLDER_LABEL, STACK_LABEL, Cluster
from stack.cluster.deploy import Deployment
from stack.cluster.project import ClusterProject
from stack.compose import checkout
from stack.config import external_database
from stack.config.modes import PROD
from stack.core.console import Failure
from stack.database.server import Server

LEAST_MEMORY = 512 * 1024**2
"""Beside what the services reserve: the engine, and what the machine itself needs."""

SESSIONS = 36
"""Of the database, of a replica: ten for each of two Daphne processes and the worker, and six."""

OWN, FAILOVER, EXTERNAL = "one node's db", "three nodes (--ha)", "an external database"


def require_no_prod(project: ClusterProject) -> None:
    """Raise Failure where `inv prod` of this checkout has the port and other data."""
    prod = checkout.of_checkout(project.root, PROD, project.port)
    app = prod.containers().get("app")
    if app is not None and app.status == "running":
        raise Failure(
            f"{prod.name} runs from this checkout, and would have the same port.",
            "Move it with its data: inv cluster.adopt   or, without them: inv prod.down",
        )


def require_own_checkout(cluster: Cluster) -> None:
    """Raise Failure where the stack of this name is another checkout's."""
    filters = {"label": f"{STACK_LABEL}={cluster.name}"}
    for network in cluster.client.networks.list(filters=filters):
        folder = (network.attrs.get("Labels") or {}).get(FOLDER_LABEL, "")
        if folder and Path(folder).is_dir() and Path(folder) != cluster.root.resolve():
            raise Failure(
                f"{cluster.name} runs from another checkout: {folder}",
                "Give this one a name of its own: remove ALARM_NAME from .env and the environment",
            )


def require_same_database(cluster: Cluster, wanted: str = "") -> None:
    """Raise Failure where the stack that runs has its data in a database of another form.

    `wanted` is the form that is to be, by default that of `.env`.
    """
    project = cluster.project
    wanted = wanted or (
        EXTERNAL if project.has_external else FAILOVER if project.is_highly_available else OWN
    )
    found = _form(set(cluster.services()))
    if found in {"", wanted}:
        return
    raise Failure(
        f"The data of {cluster.name} are in {found}; {wanted} would not have them.",
        "With .env as before: inv cluster.backup && inv cluster.down; then this command again, "
        "and: inv cluster.restore FILE",
    )


def _form(services: set[str]) -> str:
    """Where services have their data; empty where none of them is the app."""
    if set(ha.MEMBERS) & services:
        return FAILOVER
    if "db" in services:
        return OWN
    return EXTERNAL if deploy.APP in services else ""


def require_fit_for_ha(cluster: Cluster) -> None:
    """Raise Failure where `--ha` cannot be: too few nodes, or data in another database."""
    if external_database.is_set(cluster.root):
        raise Failure(
            "--ha is for a database in the cluster; .env names one elsewhere.",
            "Remove DATABASE_URL from .env, or leave --ha out",
        )
    if not swarm.is_member(cluster.client):
        raise Failure(
            "A database with failover needs three nodes, and there is no cluster yet.",
            "Begin with a line for each of two more machines: inv cluster.join --manager",
        )
    swarm.require_manager(cluster.client)
    require_same_database(cluster, FAILOVER)
    members.free_labels(cluster)


def require_memory(deployment: Deployment) -> None:
    """Raise Failure, before anything is started, where the only node has too little."""
    cluster = deployment.cluster
    # The images' names in the registry do not matter here.
    made = deploy.make_file(deployment, {image: image for image in deployment.images_of()})
    needed = stack_file.reserved_bytes(made) + LEAST_MEMORY
    node = cluster.node()
    if len(cluster.nodes()) == 1 and node.memory < needed:
        raise Failure(
            f"This node has {node.memory // 1024**2} MiB of memory; the cluster needs "
            f"{needed // 1024**2} MiB.",
            "Lower APP_MEMORY and DB_MEMORY in .env; or run without a cluster: inv prod",
        )


def require_sessions(project: ClusterProject, number: int) -> None:
    """Raise Failure where the database has too few sessions for so many replicas."""
    if external_database.has_pooler(project.root):
        return  # its sessions are not the replicas'
    most = int(Server(project).ask("SHOW max_connections")[0])
    room = most // SESSIONS
    if number > room:
        raise Failure(
            f"The database takes {most} sessions, which is enough for {room} replicas.",
            "Take fewer; or raise max_connections, or put a pooler between: "
            "docs/external-database.md",
        )
