"""What runs where, as `inv cluster.status` tells it, also where the swarm has no quorum."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from stack.cluster import exec as exec_
from stack.cluster import members, swarm
from stack.cluster import project as cluster_project
from stack.cluster.cluster import Cluster, Node, Replica
from stack.cluster.converge import TRAEFIK
from stack.config import dotenv
from stack.core.console import Failure, say, table

# Passed to Python in a container of the app: it reaches every replica, which this machine cannot.
# For each address of `app`: the page /metrics, and the time there; empty where none answers.
ASK_REPLICAS = """
import concurrent.futures, email.utils, http.client, json, socket, time
def ask(address):
    try:
        connection = http.client.HTTPConnection(address, 9427, timeout=4)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        text, now = answer.read().decode(), time.time()
        there = email.utils.parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return address, text if answer.status == 200 else "", there - now
    except (OSError, ValueError, http.client.HTTPException):
        return address, "", None
addresses = sorted({found[4][0] for found in socket.getaddrinfo("app", 0, socket.AF_INET)})
with concurrent.futures.ThreadPoolExecutor(16) as threads:
    print(json.dumps(list(threads.map(ask, addresses))))
"""
TRAEFIK_ON = "CLUSTER_TRAEFIK_ON"
"""The setting with which not each node has a Traefik."""

CLOCK_SECONDS = 2.0
"""A difference of clocks that is worth saying; the header has whole seconds."""


@dataclass(frozen=True)
class Answer:
    """What a replica says of itself."""

    version: str = ""
    sockets: int | None = None
    failing: tuple[str, ...] = ()
    leader_host: str = ""
    clock: float | None = None
    """Seconds that its node's clock is ahead of the asking one's."""


@dataclass(frozen=True)
class Row:
    """A replica, with what it says."""

    service: str
    node: str
    state: str
    version: str = ""
    sockets: int | None = None
    leads: bool = False
    behind: bool = False
    error: str = ""


@dataclass(frozen=True)
class Status:
    """All of it."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)
    """How many replicas run of how many that are to."""
    replicas: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def print_status(*, as_json: bool) -> bool:
    """Print it; whether all is as asked. Without a quorum, what this machine alone knows."""
    project = cluster_project.of_checkout()
    cluster = Cluster(project)
    try:
        swarm.require_manager(cluster.client)
        with swarm.quorum_needed():  # it may get lost meanwhile
            found = look(cluster)
    except Failure as failure:
        found = _of_this_machine(cluster, failure)
        if not found.replicas:
            raise
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        _show(found)
    return not found.problems


def show(cluster: Cluster) -> None:
    """Print it for people."""
    _show(look(cluster))


def look(cluster: Cluster) -> Status:
    """Ask Swarm, and the replicas."""
    nodes, services = cluster.nodes(), cluster.services()
    if not services:
        return Status(problems=["The cluster's stack does not run. Type: inv cluster"])
    names = {node.id: node.name for node in nodes}
    rows, counts, problems = [], {}, list[str]()
    try:
        answers = _ask_replicas(cluster)
    except Failure as failure:
        answers = {}
        problems.append(failure.what)
    clocks: dict[str, float] = {}
    for name, service in services.items():
        replicas = cluster.replicas(name)
        wanted = _wanted(service, replicas)
        running = sum(replica.runs for replica in replicas)
        counts[name] = f"{running}/{wanted}"
        if running < wanted:
            errors = {r.error for r in cluster.all_replicas(name)[:3] if r.error}
            why = f": {'; '.join(sorted(errors))}" if errors else ""
            problems.append(f"{name}: {running} of {wanted} replicas run{why}")
        update = service.attrs.get("UpdateStatus") or {}
        if update.get("State") in {"updating", "rollback_started", "paused", "rollback_paused"}:
            problems.append(f"{name}: {update['State'].replace('_', ' ')}: {update.get('Message')}")
        image = service.attrs["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"]
        for replica in replicas:
            answer = _answer_of(replica, answers)
            row = _row(replica, names, answer, image)
            rows.append(row)
            if answer and answer.clock is not None:
                clocks[replica.node] = answer.clock
            if answer and answer.failing:
                problems.append(f"{name} on {row.node}: not ready: {', '.join(answer.failing)}")
            if replica.runs and name == "app" and answer is None:
                problems.append(f"{name} on {row.node} does not answer")
            if row.behind and replica.runs:
                problems.append(f"{name} on {row.node} is behind: it runs {row.version}")
    if "app" not in services:
        problems.append("The app was not started yet: the last command did not get so far")
    problems += members.problems(cluster)
    problems += _other_processors(nodes)
    if not dotenv.setting(cluster.root, TRAEFIK_ON):
        problems += without_traefik(nodes, rows)
    if answers and not any(row.leads for row in rows):
        problems.append("No worker leads: no delay ends")
    return Status([_of_node(n, clocks, problems) for n in nodes], counts, rows, problems)


def _other_processors(nodes: list[Node]) -> list[str]:
    """That nodes have another architecture than most managers, whose images they cannot run."""
    own = next((node.architecture for node in nodes if node.role == "leader"), "")
    return [
        f"The node {node.name} is {node.architecture}, and the images are for {own}: it gets no "
        "replicas. Take it out: docker swarm leave, there"
        for node in nodes
        if own and node.architecture and node.architecture != own
    ]


def without_traefik(nodes: list[Node], rows: list[Row]) -> list[str]:
    """That nodes which take replicas have no Traefik, which Swarm itself does not notice."""
    have = {row.node for row in rows if row.service == TRAEFIK}
    return [
        f"The node {node.name} has no Traefik, so its port is closed: inv cluster.scale app=NUMBER"
        for node in nodes
        if node.takes_replicas and node.name not in have
    ]


def _wanted(service: Any, replicas: list[Replica]) -> int:
    mode = service.attrs["Spec"]["Mode"]
    if "Replicated" in mode:
        return int(mode["Replicated"].get("Replicas", 1))
    return len([replica for replica in replicas if replica.wanted == "running"])


def _of_node(node: Node, clocks: dict[str, float], problems: list[str]) -> dict[str, Any]:
    clock = clocks.get(node.id)
    if node.state != "ready":
        problems.append(f"The node {node.name} is {node.state}")
    if clock is not None and abs(clock) >= CLOCK_SECONDS:
        problems.append(f"The clock of {node.name} is off by {clock:+.0f} s: set it (NTP)")
    return {**asdict(node), "clock": clock}


def _row(replica: Replica, names: dict[str, str], answer: Answer | None, image: str) -> Row:
    answer = answer or Answer()
    host = replica.container[:12]
    return Row(
        service=replica.service,
        node=names.get(replica.node, replica.node),
        state=replica.state if replica.wanted == "running" else f"{replica.state}, stops",
        version=answer.version or replica.image.partition("@")[0].rpartition(":")[2],
        sockets=answer.sockets,
        leads=bool(host) and answer.leader_host == host,
        behind=replica.image != image,
        error=replica.error,
    )


def _answer_of(replica: Replica, answers: dict[str, Answer]) -> Answer | None:
    own = (address.partition("/")[0] for address in replica.addresses)
    return next((answers[address] for address in own if address in answers), None)


def _ask_replicas(cluster: Cluster) -> dict[str, Answer]:
    """By address; those that do not answer are left out."""
    asked = exec_.ask(cluster, "python", "-c", ASK_REPLICAS)
    try:
        found = json.loads(asked.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        return {}
    return {address: read(text, clock) for address, text, clock in found if text}


def read(metrics: str, clock: float | None = None) -> Answer:
    """What the page /metrics says: docs/metrics.md."""

    def label(series: str, name: str) -> str:
        found = re.search(rf'^{series}{{[^}}]*\b{name}="([^"]*)"', metrics, re.M)
        return found[1] if found else ""

    sockets = re.search(r"^websocket_connections ([\d.e+]+)$", metrics, re.M)
    failing = re.findall(r'^health_check_success{check="([^"]+)"} 0', metrics, re.M)
    version, revision = (label("app_build_info", name) for name in ("version", "revision"))
    return Answer(
        version=f"{version} ({revision})" if version else "",
        sockets=int(float(sockets[1])) if sockets else None,
        failing=tuple(failing),
        leader_host=label("worker_lead_info", "host"),
        clock=clock,
    )


def _of_this_machine(cluster: Cluster, failure: Failure) -> Status:
    """What this engine runs of the cluster, where the managers cannot be asked."""
    from stack.cluster.cluster import STACK_LABEL
    from stack.compose.health import state

    label = f"{STACK_LABEL}={cluster.name}"
    name = str(cluster.client.info()["Name"])
    rows = [
        Row(
            service=c.labels["com.docker.swarm.service.name"].removeprefix(f"{cluster.name}_"),
            node=name,
            state=state(c),
        )
        for c in cluster.client.containers.list(filters={"label": label}, ignore_removed=True)
    ]
    return Status(replicas=rows, problems=[failure.what, failure.remedy])


def _show(found: Status) -> None:
    if found.nodes:
        table(
            "",
            ("node", "state", "availability", "role", "address", "engine", "memory", "clock"),
            [_node_cells(node) for node in found.nodes],
        )
    if found.replicas:
        table(
            "",
            ("service", "node", "state", "version", "sockets", ""),
            [
                _replica_cells(row)
                for row in sorted(found.replicas, key=lambda r: (r.service, r.node))
            ],
        )
    for problem in found.problems:
        say(f"✗ {problem}", style="bold")
    if not found.problems:
        services = ", ".join(f"{name} {count}" for name, count in sorted(found.services.items()))
        say(f"✓ All as asked: {services}", style="green")


def _node_cells(node: dict[str, Any]) -> tuple[str, ...]:
    clock = node["clock"]
    off = "" if clock is None else "ok" if abs(clock) < CLOCK_SECONDS else f"{clock:+.0f} s"
    return (
        *(node["name"], node["state"], node["availability"], node["role"], node["address"]),
        *(node["engine"], f"{node['memory'] / 1024**3:.1f} GiB", off),
    )


def _replica_cells(row: Row) -> tuple[str, ...]:
    marks = [*(["leads"] if row.leads else []), *(["behind"] if row.behind else [])]
    sockets = "" if row.sockets is None else str(row.sockets)
    error = row.error if row.state not in {"running", "healthy"} else ""
    return (
        row.service,
        row.node,
        row.state,
        row.version,
        sockets,
        ", ".join([*marks, error] if error else marks),
    )
