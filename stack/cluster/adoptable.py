"""What of production can move into a cluster, and when; the volumes that no backup holds."""

from __future__ import annotations

from stack.backup import media, restore
from stack.cluster import swarm
from stack.cluster import up as up_
from stack.cluster.cluster import Cluster
from stack.compose import health, lifecycle
from stack.compose.project import PROJECT_LABEL, Project
from stack.core.console import Failure, step
from stack.database.server import Server
from stack.engine.one_off import output_of

AGAIN = "inv cluster.adopt"
COPY = "cp -a /from/. /to/"
OF_BACKUPS = {media.VOLUME, "db_data"}
"""The volumes whose content is in a backup, by Docker Compose's names."""


def require(production: Project, cluster: Cluster) -> None:
    """Raise Failure where there is nothing to move, no place for it, or something in its place."""
    lifecycle.require_own_checkout(production)
    if production.is_external:
        raise Failure(
            f"The database of {production.name} is external, so there are no data to move.",
            "Let the cluster use the same one: inv prod.down && inv cluster",
        )
    app = production.containers().get("app")
    if app is None or app.status != "running":
        raise Failure(
            f"{production.name} does not run, so there is nothing to move.",
            f"Start it: inv prod   then: {AGAIN}   (or begin with an empty cluster: inv cluster)",
        )
    health.wait_until_ready(production)
    _require_empty(cluster)
    restore.require_bytes(Server(production), bytes_needed(database_bytes(production), 0))


def _require_empty(cluster: Cluster) -> None:
    is_member = swarm.is_member(cluster.client)
    if is_member:
        swarm.require_manager(cluster.client)
    there = sorted(str(volume.name) for volume in up_.volumes(cluster))
    if is_member and (cluster.is_up() or there):
        raise Failure(
            f"The cluster {cluster.name} has data already, which would be replaced.",
            "Keep them: inv cluster.backup   then delete them: inv cluster.reset",
        )
    if there:
        raise Failure(
            f"There are volumes of an earlier cluster {cluster.name} on this machine.",
            f"If you need nothing of them: docker volume rm {' '.join(there)}",
        )


def database_bytes(production: Project) -> int:
    """What production's database takes on its disk."""
    server = Server(production)
    return int(server.ask(f"SELECT pg_database_size('{server.name}')")[0])


def bytes_needed(database: int, files: int) -> int:
    """Room that the move takes: a copy of each, and what PostgreSQL writes while it fills one."""
    return 2 * database + files


def copy_volumes(production: Project, cluster: Cluster) -> None:
    """Copy production's other volumes, e.g. the MQTT broker's; nothing uses them meanwhile."""
    from docker.errors import ContainerError

    sdk = production.client
    image = Server(production).container.attrs["Image"]
    for volume in sdk.volumes.list(filters={"label": f"{PROJECT_LABEL}={production.name}"}):
        labels = volume.attrs["Labels"]
        short = labels[media.VOLUME_LABEL]
        if short in OF_BACKUPS:
            continue
        own = f"{cluster.name}_{short}"
        sdk.volumes.create(own, labels={PROJECT_LABEL: cluster.name, media.VOLUME_LABEL: short})
        mounts = {
            str(volume.name): {"bind": "/from", "mode": "ro"},
            own: {"bind": "/to", "mode": "rw"},
        }
        try:
            with step(f"Copying the volume {short}"):
                shell = ("/bin/sh", "-euc", COPY)
                output_of(sdk, image, *shell, user="0", network_mode="none", volumes=mounts)
        except ContainerError as error:
            raise Failure(
                f"The volume {volume.name} cannot be copied: {_last_line(error)}",
                f"Make room or correct that, then: {AGAIN}",
            ) from error


def _last_line(error: Exception) -> str:
    said = str(getattr(error, "stderr", "") or error).strip().splitlines()
    return said[-1] if said else "cp said nothing"
