"""Group 6: a disk is full, the clock jumps, memory runs out."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests
from docker import DockerClient
from docker.errors import APIError
from docker.models.containers import Container

from stack.compose import address
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.faults import inject
from tests.faults.conftest import two_sensors
from tests.faults.fragile_stack import FragileStack, running
from tests.faults.load import Load
from tests.faults.report import Report, Row
from tests.support.panel import ADMIN, PIN, Panel

WITHIN = 90

FILL = "dd if=/dev/zero of={}/filled bs=64k; true"
"""Fill the disk; dd is meant to fail."""


# --- The app's container ------------------------------------------------------------------------


def test_the_apps_disk_is_full(load: Load, app: Container, panel: Panel) -> None:
    """Serving clients needs no new file."""
    with load.during("app: /tmp and /run/app full for 10 s", within=WITHIN) as fault:
        for folder in ("/tmp", "/run/app"):
            filled = app.exec_run(["sh", "-c", FILL.format(folder)])
            assert b"No space left" in filled.output, filled
        large = panel.post("/api/alarm/arm/", {"mode": "x" * 60_000})
        assert large.status_code == 400, large.text
        fault.last(10)
        inject.remove(app, "/tmp/filled", "/run/app/filled")
        fault.over()


def test_a_process_restarts_on_a_full_disk(load: Load, app: Container) -> None:
    with load.during("app: /run/app full, nginx killed", within=WITHIN):
        app.exec_run(["sh", "-c", FILL.format("/run/app")])
        inject.kill(app, "nginx: master")
    inject.remove(app, "/run/app/filled")


def test_the_app_reaches_its_memory_limit(load: Load, app: Container) -> None:
    """The kernel is made to kill a server; supervisord restarts it."""
    with load.during("app: memory limit hit, a server killed", within=WITHIN) as fault:
        killed = inject.take_memory(app, at_the_expense_of="daphne --fd")
        fault.note(f"the kernel killed: {killed}")
        fault.over()


def test_the_database_reaches_its_memory_limit(load: Load, db: Container) -> None:
    with load.during("database: memory limit hit", within=WITHIN) as fault:
        # tail holds an unfinished line in memory, and this one never ends.
        ended = db.exec_run(["tail", "/dev/zero"], user="postgres")
        assert ended.exit_code == 137, ended
        fault.over()


# --- A stack with a small disk and a clock that can be set ----------------------------------------


@pytest.fixture(scope="module")
def fragile(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FragileStack]:
    if platform.machine() != "x86_64":
        pytest.skip("libfaketime's wheel is for x86-64")
    with running(project, tmp_path_factory.mktemp("fragile"), project.client) as made:
        yield made


@pytest.fixture(scope="module")
def fragile_panel(fragile: FragileStack) -> Panel:
    panel = Panel(address.of(fragile.project))
    credentials = {name: ADMIN[name] for name in ("username", "password")}
    with suppress(requests.Timeout):  # on a busy machine the request is still carried out
        panel.set_up(fragile.project)
    wait_until(
        "the first log-in",
        lambda: panel.post("/api/session/", credentials).status_code == 200,
        seconds=60,
        ignoring=(requests.Timeout,),
    )
    return panel


@pytest.fixture(scope="module")
def fragile_load(
    fragile: FragileStack, fragile_panel: Panel, client: DockerClient, report: Report
) -> Load:
    return Load(fragile.project, fragile_panel, two_sensors(fragile_panel), report)


@pytest.mark.parametrize("jump", [3600, -3600], ids=["forward", "back"])
def test_the_clock_jumps_by_an_hour(fragile_load: Load, fragile: FragileStack, jump: int) -> None:
    direction = "forward" if jump > 0 else "back"
    try:
        with fragile_load.during(f"clock an hour {direction}", within=WITHIN):
            fragile.set_clock(jump)
    finally:
        fragile.set_clock(0)


@pytest.mark.parametrize("jump", [3600, -3600], ids=["forward", "back"])
def test_a_delay_does_not_depend_on_the_clock(
    fragile_panel: Panel, fragile: FragileStack, report: Report, jump: int
) -> None:
    """A clock that is set back must not delay the siren by an hour."""
    panel = fragile_panel
    panel.wait_until_ready()
    row = Row(f"clock {jump:+d} s in a delay of 4 s", verdict="failed")
    report.add(row)
    assert panel.ask("PATCH", "/api/settings/", {"exit_delay": {"away": 4}}).status_code == 200
    assert panel.arm("away").status_code == 200
    began = time.monotonic()
    try:
        fragile.set_clock(jump)
        wait_until("the exit delay to end", lambda: panel.state() == "armed_away", seconds=20)
        row.notes = f"it took {time.monotonic() - began:.1f} s"
        row.verdict = "ok"
    finally:
        fragile.set_clock(0)
        assert panel.post("/api/alarm/disarm/", {"pin": PIN}).status_code == 200


def test_the_databases_disk_is_full(
    fragile_load: Load, fragile: FragileStack, client: DockerClient
) -> None:
    """It returns errors, then stops, and cannot start until there is room."""
    containers = fragile.project.containers()
    db, disk = containers["db"], containers["disk"]
    with fragile_load.during("database: disk full for 30 s", within=150) as fault:
        try:
            filled = disk.exec_run(["sh", "-c", FILL.format("/disk")])
            assert b"No space left" in filled.output, filled
            fault.last(10)
            # The write-ahead log needs a new file, for which there is no room.
            switch = ["psql", "-U", "alarm", "-d", "alarm_db", "-c", "SELECT pg_switch_wal()"]
            with suppress(APIError):
                for _ in range(8):
                    db.exec_run(switch)
            fault.last(20)
        finally:
            inject.remove(disk, "/disk/filled")
        fault.over()
