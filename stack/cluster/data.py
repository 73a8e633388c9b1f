"""Backups and restores of a cluster, with the code that production has."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from stack.backup import log_check
from stack.backup.data import Data
from stack.cluster import converge, deploy, service
from stack.cluster import exec as exec_
from stack.cluster.cluster import Cluster
from stack.cluster.deploy import APP, APP_ONLY


@dataclass
class Replicas:
    """The app's replicas, as what serves with the database."""

    cluster: Cluster
    number: int = field(init=False)
    """How many run."""

    def __post_init__(self) -> None:
        self.number = deploy.running_numbers(self.cluster).get(APP, 0)

    def runs(self) -> bool:
        """Whether there are any."""
        return self.number > 0

    def stop(self) -> None:
        """Stop all of them."""
        service.stop(self.cluster, "Stopping the app on all nodes")

    def start(self) -> None:
        """Start as many as before. Raises Failure where they are not ready."""
        since = datetime.now(UTC)
        service.set_number(self.cluster, self.number)
        converge.wait(self.cluster, since=since, title="Starting the app again", only=APP_ONLY)


@dataclass(frozen=True)
class ClusterData(Data):
    """The data of a cluster; the project is the one beside its replicas."""

    cluster: Cluster

    @property
    def app(self) -> Replicas:
        return Replicas(self.cluster)

    def check_log(self) -> None:
        def ask(*command: str) -> tuple[int, str]:
            asked = exec_.ask(self.cluster, *command)
            return asked.returncode, asked.stdout + asked.stderr

        log_check.check_by(ask, self.project)


def of(cluster: Cluster) -> ClusterData:
    """The data of a cluster that runs."""
    return ClusterData(exec_.beside(cluster), cluster)
