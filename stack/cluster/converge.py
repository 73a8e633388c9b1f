"""Waiting until Swarm has done what it was asked, and saying why where it does not."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any

from stack.cluster import deploy
from stack.cluster.cluster import Cluster, Replica
from stack.core.console import Failure, print_output, step
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker.models.services import Service

SECONDS = 180
"""How long one replica may take from its start until it is healthy, downloads included."""
STUCK_SECONDS = 20
"""How long Swarm may find no node for a replica."""
SECONDS_TO_ANSWER = 60
FAILURES = 3
"""So many replicas that ended by themselves, and the service does not start."""

TRAEFIK = "traefik"

NOT_SERVED = {404, 500, 502, 503, 504}
"""What Traefik answers before it has read its file, and before it knows replicas."""

UNFINISHED = {"updating", "rollback_started"}
ROLLED_BACK = {"rollback_completed", "rollback_paused", "paused"}


def wait(
    cluster: Cluster,
    *,
    since: datetime,
    title: str = "Waiting until all replicas are ready",
    rolls_back: bool = False,
    only: frozenset[str] | None = None,
) -> None:
    """Return when each service is as asked. Raises Failure where Swarm cannot, or rolled back.

    `since` is when the change was asked for: earlier failures are not of it. With `rolls_back`, a
    rollback is what was asked for. `only` are the services to wait for; without it, all.
    """
    number = sum(len(cluster.replicas(name)) + 1 for name in cluster.services())
    limit = SECONDS + 60 * number
    watch = Watch(cluster, since, rolls_back, only)
    try:
        with step(title) as detail:
            wait_until("replicas", lambda: watch.is_done(detail), seconds=limit, every=0.5)
    except NeverHappened as error:
        raise Failure(
            f"The cluster was not as asked within {limit} s.", "See what is: inv cluster.status"
        ) from error
    if only is None or deploy.APP in only:
        _wait_until_served(cluster)


def _wait_until_served(cluster: Cluster) -> None:
    """Return when this node's port answers, where it has one: Traefik learns of replicas later."""
    own, service = cluster.node().id, cluster.service(TRAEFIK)
    here = [r for r in cluster.replicas(TRAEFIK) if r.runs and r.node == own]
    if not here or service is None:
        return
    port, is_https = port_of(service)

    def is_served() -> bool:
        return _status(port, is_https=is_https) not in NOT_SERVED

    try:
        wait_until(
            *("an answer", is_served), seconds=SECONDS_TO_ANSWER, ignoring=(OSError, HTTPException)
        )
    except NeverHappened as error:
        raise Failure(
            f"All replicas run, and port {port} does not answer.",
            f"See why: inv cluster.logs {TRAEFIK}   then: inv cluster",
        ) from error


def port_of(service: Service) -> tuple[int, bool]:
    """The port that Traefik has at each node, and whether HTTPS is spoken there.

    As it runs: the settings in `.env`, and the certificate, may be newer.
    """
    spec = service.attrs["Spec"]
    variables = spec["TaskTemplate"]["ContainerSpec"].get("Env") or ()
    is_https = any(re.fullmatch("(CERTIFICATE|ACME_EMAIL)=.+", text) for text in variables)
    return int(spec["EndpointSpec"]["Ports"][0]["PublishedPort"]), is_https


def _status(port: int, *, is_https: bool) -> int:
    """The status with which the page is answered at this machine's port."""
    if is_https:
        context = ssl.create_default_context()
        # Whether it answers is asked, and not who.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection: HTTPConnection = HTTPSConnection("localhost", port, timeout=5, context=context)
    else:
        connection = HTTPConnection("localhost", port, timeout=5)
    with closing(connection):
        connection.request("GET", "/")
        return connection.getresponse().status


class Watch:
    """What Swarm makes of a change."""

    def __init__(
        self,
        cluster: Cluster,
        since: datetime,
        rolls_back: bool = False,
        only: frozenset[str] | None = None,
    ) -> None:
        self.cluster = cluster
        self.since = since
        self.rolls_back = rolls_back
        self.only = only

    def is_done(self, detail: Callable[[str], None] = lambda text: None) -> bool:
        """Whether each service is as asked; raises Failure where one never will be."""
        waiting = []
        for name, service in self.cluster.services().items():
            if self.only is not None and name not in self.only:
                continue
            self._require_no_rollback(name, service)
            has, wanted = self._ready(name, service)
            if has < wanted or _update_state(service) in UNFINISHED:
                waiting.append(f"{name} {has} of {wanted}")
                self._require_no_failure(name)
        detail(", ".join(waiting))
        return not waiting

    def _ready(self, name: str, service: Service) -> tuple[int, int]:
        """How many replicas run as the service asks, and how many are to."""
        template = service.attrs["Spec"]["TaskTemplate"]
        replicas = self.cluster.replicas(name)
        as_asked = [r for r in replicas if r.runs and is_made_of(r.spec, template)]
        mode = service.attrs["Spec"]["Mode"]
        if "Replicated" in mode:
            return len(as_asked), int(mode["Replicated"].get("Replicas", 1))
        wanted = [r for r in replicas if r.wanted == "running"]
        return len(as_asked), max(len(wanted), 1)

    def _require_no_rollback(self, name: str, service: Service) -> None:
        update = service.attrs.get("UpdateStatus") or {}
        is_meant = self.rolls_back and update.get("State") == "rollback_completed"
        is_earlier = _moment(update.get("StartedAt")) < self.since
        if is_meant or is_earlier or update.get("State") not in ROLLED_BACK:
            return
        self._show_why(name)
        raise Failure(
            f"Swarm has taken the old version of {name} back: {update.get('Message', '')}",
            f"Its lines are above; all of them: inv cluster.logs {name}",
        )

    def _require_no_failure(self, name: str) -> None:
        tasks = [r for r in self.cluster.all_replicas(name) if _moment(r.since) >= self.since]
        failed = [r for r in tasks if r.state in {"failed", "rejected"}]
        if len(failed) >= FAILURES and not any(r.runs for r in tasks):
            self._show_why(name)
            raise _does_not_start(name, failed[0])
        now = datetime.now(UTC)
        for replica in tasks:
            seconds = (now - _moment(replica.since)).total_seconds()
            if replica.state == "pending" and replica.error and seconds > STUCK_SECONDS:
                raise no_node(name, replica.error)

    def _show_why(self, name: str) -> None:
        failed = [r for r in self.cluster.all_replicas(name) if r.error]
        for replica in failed[:1]:
            print_output([f"{name} on {node_name(self.cluster, replica.node)}: {replica.error}"])
            print_output(last_lines(replica))


def is_made_of(spec: dict[str, Any], template: dict[str, Any]) -> bool:
    """Whether a task has what its service asks for now."""
    same = spec["ContainerSpec"] == template["ContainerSpec"]
    return bool(same and spec.get("ForceUpdate", 0) == template.get("ForceUpdate", 0))


def _update_state(service: Service) -> str:
    return str((service.attrs.get("UpdateStatus") or {}).get("State", ""))


def _moment(text: str | None) -> datetime:
    if not text:
        return datetime.fromtimestamp(0, UTC)
    # Go writes nanoseconds, which Python 3.11 cuts to microseconds.
    return datetime.fromisoformat(text)


def last_lines(replica: Replica) -> list[str]:
    """The end of a replica's log, from whichever node has it; empty where that is away."""
    argv = ["docker", "service", "logs", "--raw", "--tail", "15", replica.id]
    try:
        asked = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return []
    return (asked.stdout + asked.stderr).splitlines()


def node_name(cluster: Cluster, node_id: str) -> str:
    """A node's name, or its id where it is gone."""
    return next((node.name for node in cluster.nodes() if node.id == node_id), node_id or "no node")


def _does_not_start(name: str, replica: Replica) -> Failure:
    if "No such image" in replica.error:
        return Failure(
            f"A node cannot get the image of {name} from the registry.",
            "See whether the registry runs: inv cluster.status   then: inv cluster",
        )
    if "port is already allocated" in replica.error or "already in use" in replica.error:
        return no_node(name, "host-mode port")
    return Failure(
        f"The service {name} does not start: {replica.error}",
        f"Its lines are above; correct that, then: inv cluster   (inv cluster.logs {name})",
    )


def no_node(name: str, reason: str) -> Failure:
    """The Failure where no node can take a replica."""
    if "insufficient resources" in reason:
        return Failure(
            f"No node has memory left for another replica of {name}; those that run go on.",
            "Add a node: inv cluster.join   or lower APP_MEMORY in .env, or: inv cluster.scale",
        )
    if "host-mode port" in reason:
        return Failure(
            f"No node has the port of {name} free.",
            "See what has it: ss -ltnp; then stop that, or set ALARM_PORT in .env",
        )
    if "unsupported platform" in reason:
        return Failure(
            f"No node has the processor that the image of {name} is for.",
            "A cluster's nodes have one architecture; see: inv cluster.status",
        )
    return Failure(
        f"No node can take a replica of {name}: {reason}", "See the nodes: inv cluster.status"
    )
