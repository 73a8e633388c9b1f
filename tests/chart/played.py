"""The chart's objects in Podman: `podman kube play`, with PostgreSQL in a pod beside it.

Podman runs Pods and Deployments (as one pod each), Secrets, ConfigMaps and volume claims. It does
not read the other kinds, readiness probes, hooks, seccomp profiles and groups of volumes, and asks
no probe without systemd. Two releases with one database stand for two replicas.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

import yaml

from stack.compose import lifecycle
from stack.compose.address import Address
from stack.compose.project import Project
from stack.config import checkout_files, project_name
from stack.config.modes import DEFAULT_PORT, PROD, ROOT
from stack.core.polling import NeverHappened, wait_until
from stack.doctor import leftovers
from stack.images import app_image
from tests.chart.releases import PASSWORD, PORTS, USERS, name_of, objects
from tests.engines import podman, project
from tests.engines.nested import CommandFailed, Nested, running
from tests.engines.recipes import Engine
from tests.support import own_stack
from tests.support.panel import ADMIN, Panel

ENGINE = Engine("chart", "Podman 5.8 as root, cgroup v1", start="podman", podman=True)
DATABASE = Path(__file__).with_name("database.yaml")
NETWORK = "chart"
IMAGE = "localhost/alarm:latest"
SETUP = (
    f"CREATE ROLE alarm LOGIN CREATEROLE PASSWORD '{PASSWORD}'",
    "CREATE DATABASE alarm_db OWNER alarm",
)
STATUS = """
for p in /proc/[0-9]*; do
    awk '/^(Uid|CapEff|NoNewPrivs):/ { printf "%s ", $2 } END { print "" }' $p/status 2>/dev/null
done
"""
"""Prints a line for each process: its user, its capabilities, and whether it can get none."""

SCRAPE = """
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:9427/metrics", timeout=10).read().decode())
"""


def play() -> str:
    """Run two releases and look at them. Returns what was seen; raises CommandFailed."""
    with running(ENGINE) as nested:
        _load_image(nested)
        nested.run(f"podman network create --ignore {NETWORK}")
        database = DATABASE.read_text("utf-8").replace("POSTGRES_IMAGE", podman.name("postgres"))
        nested.run(f"podman kube play --network {NETWORK} -", given=database)
        _prepare_database(nested)
        for release in USERS:
            _start(nested, release)
        looks = (_processes, _smoke, _one_panel, _restart, _helm_test, _stop)
        return "; ".join(look(nested) for look in looks)


def _load_image(nested: Nested) -> None:
    """Build production's image in this machine's engine, and load it into Podman."""
    with tempfile.TemporaryDirectory(prefix="alarm-chart-") as folder:
        root = Path(folder, "checkout")
        own_stack.copy_checkout(root, os.geteuid())
        name = f"{project_name.from_path(root)}-test-{os.getpid()}"
        checkout_files.ensure(root, name)
        with (root / ".env").open("a", encoding="utf-8") as env:
            env.write(f"\n{own_stack.settings_of_builds()}")
        stack = Project(PROD, f"{name}-prod", DEFAULT_PORT, root)
        built = app_image.name(stack.name)
        try:
            lifecycle.build(lifecycle.prepare(stack, tell=False))
            load = nested.argv("podman load --quiet", folder="/")
            with subprocess.Popen(["docker", "save", built], stdout=subprocess.PIPE) as saved:
                subprocess.run(load, stdin=saved.stdout, check=True, stdout=subprocess.DEVNULL)
        finally:
            leftovers.remove_projects(stack.client, stack.name)
    nested.run(f"podman tag docker.io/library/{built} {IMAGE}")


def _prepare_database(nested: Nested) -> None:
    ask = "podman exec database-postgres psql -XqAt --host=127.0.0.1 --username=postgres"

    def answers() -> bool:
        nested.run(f"{ask} --command 'SELECT 1'")
        return True

    ready = "PostgreSQL in its pod"
    wait_until(ready, answers, seconds=60, every=1, ignoring=(CommandFailed,))
    for sql in SETUP:
        nested.run(f"{ask} --command {shlex.quote(sql)}")


def _start(nested: Nested, release: str) -> None:
    published = f"--network {NETWORK} --publish {PORTS[release]}:80"
    # `helm test` makes its pod later.
    now = [each for each in objects(release) if each["kind"] != "Pod"]
    try:
        nested.run(f"podman kube play {published} -", given=yaml.safe_dump_all(now))
    except CommandFailed as error:
        log = nested.run(f"podman logs --tail 20 {name_of(release)}-pod-prepare")
        raise CommandFailed(f"{error}\n{log}") from error
    _wait_until_ready(nested, release)


def _in(nested: Nested, release: str, command: str) -> str:
    return nested.run(f"podman exec {name_of(release)}-pod-app {command}")


def _wait_until_ready(nested: Nested, release: str) -> None:
    """Ask what the startup probe asks, as Podman without systemd does not."""

    def ready() -> bool:
        _in(nested, release, "healthcheck")
        return True

    what = f"the release {release} to be ready"
    try:
        wait_until(what, ready, seconds=90, every=1, ignoring=(CommandFailed,))
    except NeverHappened as error:
        log = nested.run(f"podman logs --tail 20 {name_of(release)}-pod-app")
        raise CommandFailed(f"{error}\n{log}") from error


def _processes(nested: Nested) -> str:
    """Every process has the user that was assigned, no capability, and no way to get one."""
    for release, user in USERS.items():
        lines = _in(nested, release, f"sh -c {shlex.quote(STATUS)}").split("\n")
        rows = {tuple(line.split()) for line in lines if line.strip()}
        if rows != {(str(user), "0000000000000000", "1")}:
            raise CommandFailed(f"{release}: users, capabilities, no-new-privileges: {rows}")
        root = _in(nested, release, """awk '$2 == "/" { print $4 }' /proc/mounts""")
        if root.split(",")[0] != "ro":
            raise CommandFailed(f"{release}: the image is mounted with {root}")
    return f"users {' and '.join(map(str, USERS.values()))}"


def _smoke(nested: Nested) -> str:
    """The smoke checks that need no more than a port, through the port of the first pod."""
    token = _in(nested, "one", "/entrypoint.sh python manage.py setup_token").strip()
    report = project.FOLDER / "chart-smoke.xml"
    url = f"--url=http://{_address(nested, 'one').netloc}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/smoke", url, f"--junitxml={report}"],
        cwd=ROOT,
        env={**os.environ, "PANEL_SETUP_TOKEN": token},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(f"smoke checks\n{done.stdout[-3000:]}")
    count = ElementTree.parse(report).getroot()[0].get("tests")
    return f"{count} smoke checks passed"


def _one_panel(nested: Nested) -> str:
    """A session and a change of one pod are the other's, too."""
    one, two = _logged_in(nested)
    socket = two.socket()
    socket.wait_for_state("disarmed")
    for sender, mode in ((one, "away"), (two, "home")):
        sender.arm(mode)
        socket.wait_for_state(f"armed_{mode}")
        one.disarm()
        socket.wait_for_state("disarmed")
    socket.connection.close()
    return "two pods are one panel"


def _logged_in(nested: Nested) -> list[Panel]:
    """Both pods for one browser, which has logged in at the first."""
    panels = [Panel(_address(nested, release)) for release in USERS]
    login = {name: ADMIN[name] for name in ("username", "password")}
    answer = panels[0].post("/api/session/", login)
    if answer.status_code != 200:
        raise CommandFailed(f"logging in: {answer.status_code} {answer.text}")
    for panel in panels:
        panel.http.cookies = panels[0].http.cookies
    return panels


def _restart(nested: Nested) -> str:
    """A container that was killed starts on what it has left in its volumes.

    The app counts its sockets in a file there, which must not tell of those that ended with it.
    """
    _, two = _logged_in(nested)
    _wait_for_sockets(nested, 0)
    sockets = [two.socket() for _ in range(4)]
    for socket in sockets:
        socket.wait_for("snapshot")
    _wait_for_sockets(nested, len(sockets))
    nested.run(f"podman restart --time 0 {name_of('two')}-pod-app")
    for socket in sockets:
        socket.connection.close()
    _wait_until_ready(nested, "two")
    _wait_for_sockets(nested, 0)
    return "a killed one restarts"


def _wait_for_sockets(nested: Nested, number: int) -> None:
    """Wait until the second pod's metrics tell of so many."""

    def are_open() -> bool:
        metrics = _in(nested, "two", f"python3 -c {shlex.quote(SCRAPE)}")
        found = re.findall(r"^websocket_connections (\S+)$", metrics, re.M)
        return [float(each) for each in found] == [number]

    wait_until(f"{number} open WebSockets in the metrics", are_open, seconds=10, every=0.5)


def _helm_test(nested: Nested) -> str:
    """The pod of `helm test`; Podman knows no Services, so it asks the pod by its name."""
    (pod,) = (each for each in objects("one") if each["kind"] == "Pod")
    text = yaml.safe_dump(pod).replace(
        f"value: {name_of('one')}\n", f"value: {name_of('one')}-pod\n"
    )
    nested.run(f"podman kube play --network {NETWORK} -", given=text)
    status = nested.run(f"podman wait {pod['metadata']['name']}-health").strip()
    if status != "0":
        log = nested.run(f"podman logs {pod['metadata']['name']}-health")
        raise CommandFailed(f"the pod of `helm test` ended with {status}: {log}")
    return "`helm test` passes"


def _stop(nested: Nested) -> str:
    """The app ends by itself within its time."""
    app = f"{name_of('one')}-pod-app"
    began = time.monotonic()
    nested.run(f"podman pod stop {name_of('one')}-pod")
    seconds = time.monotonic() - began
    (state,) = json.loads(nested.run(f"podman inspect {app}"))
    if state["State"]["ExitCode"] != 0:
        raise CommandFailed(f"the app ended with {state['State']['ExitCode']}")
    return f"stopped in {seconds:.0f} s"


def _address(nested: Nested, release: str) -> Address:
    """The published port, at the nested engine's address."""
    words = ("docker", "inspect", "--format", "{{.NetworkSettings.IPAddress}}", nested.container)
    host = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    return Address(host, PORTS[release])
