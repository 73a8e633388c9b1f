"""The cluster as Docker Compose knows it: its facts, and commands in a container beside replicas.

Swarm runs the stack; this project has the same name, networks and volumes. So the same files make
both, and what `inv prod` does in a container of its own (`manage`, a backup, a rehearsal) is done
in the same way beside a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stack.compose import checkout
from stack.compose.project import Project, bind_address
from stack.config import certificates, dotenv, external_database, secrets
from stack.config.external_database import ExternalDatabase
from stack.config.modes import CLUSTER, DEFAULT_PORT, ROOT, parse_port
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core import files
from stack.core.console import Failure
from stack.database.server import DATABASE, ROLE

FILES = "compose/cluster.yml"
OWN_DATABASE = "compose/cluster-database.yml"
OF_SEVERAL_NODES = "compose/cluster-ha.yml"
CLIENT = "compose/cluster-client.yml"

HIGHLY_AVAILABLE = "CLUSTER_HA"

HOST = "db"
"""The name at which replicas reach the database that the cluster has itself."""


@dataclass(frozen=True)
class ClusterProject(Project):
    """Production's project with what a cluster adds."""

    @property
    def has_external(self) -> bool:
        """Whether the database is outside of the cluster."""
        return external_database.is_set(self.root)

    @property
    def is_highly_available(self) -> bool:
        """Whether the cluster's database is on several nodes (`inv cluster --ha`)."""
        return not self.has_external and dotenv.setting(self.root, HIGHLY_AVAILABLE) == "1"

    @property
    def is_external(self) -> bool:
        """Always: no container of Docker Compose has the database."""
        return True

    @property
    def external(self) -> ExternalDatabase | None:
        """How PostgreSQL's programs reach the database, which may be the cluster's own."""
        if self.has_external:
            return external_database.of(self.root)
        parameters = {
            "host": HOST,
            "user": ROLE,
            "dbname": DATABASE,
            "password": secrets.read(self.root, POSTGRES_PASSWORD),
            "target_session_attrs": "read-write",
            "connect_timeout": "5",
        }
        return ExternalDatabase(parameters, has_own_password=False, is_of_cluster=True)

    @property
    def compose_files(self) -> tuple[str, ...]:
        """Production's file, and those of the form that the cluster has."""
        files = [self.mode.compose_file, FILES]
        if not self.has_external:
            files += [OF_SEVERAL_NODES if self.is_highly_available else OWN_DATABASE, CLIENT]
        return (*files, *([self.overlay] if self.overlay else []))

    @property
    def variables(self) -> dict[str, str]:
        """Those of production, and what follows from the settings of the cluster."""
        has_acme = bool(dotenv.setting(self.root, "CLUSTER_ACME_EMAIL"))
        tls = {}
        if certificates.variables(self.root):
            tls = {"CLUSTER_CERTIFICATE": "1"}
        if tls or has_acme:
            tls["CLUSTER_HTTPS"] = "true"
        return {**super().variables, **tls}


def keep_highly_available(root: Path = ROOT) -> None:
    """Write CLUSTER_HA=1 into `.env`: the cluster's database is on several nodes from now on."""
    if dotenv.setting(root, HIGHLY_AVAILABLE) != "1":
        file = root / ".env"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        newline = "" if not text or text.endswith("\n") else "\n"
        with files.explain_write_errors(root):
            files.replace(file, f"{text}{newline}{HIGHLY_AVAILABLE}=1\n".encode(), 0o600)


def of_checkout(root: Path = ROOT) -> ClusterProject:
    """The cluster of a checkout. Raises Failure for a wrong port, name or combination."""
    port = dotenv.setting(root, "ALARM_PORT")
    number = parse_port(port) if port else DEFAULT_PORT
    _require_no_address(root)
    if dotenv.setting(root, "CLUSTER_ACME_EMAIL"):
        _require_fit_for_acme(root, number)
    return ClusterProject(CLUSTER, f"{checkout.name_of(root)}-{CLUSTER.name}", number, root)


def _require_no_address(root: Path) -> None:
    """Raise Failure where a port is to be open at one address only, which Swarm cannot do."""
    published = (dotenv.setting(root, "MQTT_PUBLISH") or "").rpartition(":")[0].strip("[]")
    for name, address in (("ALARM_BIND", bind_address(root)), ("MQTT_PUBLISH", published)):
        if address in {"", "0.0.0.0", "::"} or (name, address) == ("MQTT_PUBLISH", "127.0.0.1"):
            continue
        raise Failure(
            f"{name} names an address; a cluster's ports are open at every address of its nodes.",
            f"Remove the address from {name} in .env, and let a firewall close what has to be",
        )


def _require_fit_for_acme(root: Path, port: int) -> None:
    if not dotenv.setting(root, "CLUSTER_DOMAIN"):
        raise Failure(
            "CLUSTER_ACME_EMAIL is set, and CLUSTER_DOMAIN is not.",
            "Name the panel's address in .env: CLUSTER_DOMAIN=panel.example.org",
        )
    if port != 443:
        raise Failure(
            f"A certificate by ACME needs port 443; ALARM_PORT is {port}.",
            "Set ALARM_PORT=443 in .env; or give a certificate: TLS_CERTIFICATE and TLS_KEY",
        )
