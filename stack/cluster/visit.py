"""Where the cluster is opened, and the app's answers for `inv`."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

from stack.cluster import exec as exec_
from stack.cluster.cluster import Cluster
from stack.cluster.project import ClusterProject
from stack.compose import address
from stack.config import dotenv
from stack.core.console import say


@dataclass(frozen=True)
class Asker:
    """Asks the app, as the runners of the modes do (stack/cli/first_visit.py)."""

    cluster: Cluster

    @property
    def project(self) -> ClusterProject:
        return self.cluster.project

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command where the app's processes run, and keep what it prints."""
        return exec_.ask(self.cluster, *command)


def tell(cluster: Cluster) -> None:
    """Print the addresses of the nodes, each of which answers."""
    domain = dotenv.setting(cluster.root, "CLUSTER_DOMAIN")
    if domain:
        say(f"Open https://{domain}", style="bold green")
        return
    own = address.of(cluster.project)
    say(own.for_people(), style="bold green")
    others = [n.address for n in cluster.nodes() if n.takes_replicas and n.address]
    scheme = "https" if own.certificate else "http"
    for host in others:
        say(f"  or {scheme}://{host}:{own.port}")
