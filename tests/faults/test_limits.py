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

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.faults import act
from tests.faults.brittle import Brittle, running
from tests.faults.conftest import two_sensors
from tests.faults.load import Load
from tests.faults.report import Report, Row
from tests.smoke.panel import ADMIN, PIN, Panel

WITHIN = 90

FILL = "dd if=/dev/zero of={}/filled bs=64k; true"
"""Until no byte is left; dd's failure is the aim."""


# --- The app's container ------------------------------------------------------------------------


def test_the_app_has_no_room_left(load: Load, app: Container, panel: Panel) -> None:
    """Nothing that it does for clients needs a file."""
    with load.during("app: /tmp and /run/app full for 10 s", within=WITHIN) as fault:
        for folder in ("/tmp", "/run/app"):
            filled = app.exec_run(["sh", "-c", FILL.format(folder)])
            assert b"No space left" in filled.output, filled
        large = panel.post("/api/alarm/arm/", {"mode": "x" * 60_000})
        assert large.status_code == 400, large.text
        fault.last(10)
        act.remove(app, "/tmp/filled", "/run/app/filled")
        fault.over()


def test_a_program_starts_again_where_no_room_is_left(load: Load, app: Container) -> None:
    with load.during("app: /run/app full, nginx killed", within=WITHIN):
        app.exec_run(["sh", "-c", FILL.format("/run/app")])
        act.kill(app, "nginx: master")
    act.remove(app, "/run/app/filled")


def test_the_app_reaches_its_memory_limit(load: Load, app: Container) -> None:
    """What the kernel kills then is made to be a server: supervisord starts it again."""
    with load.during("app: memory limit hit, a server killed", within=WITHIN) as fault:
        killed = act.take_memory(app, at_the_expense_of="daphne --fd")
        fault.note(f"the kernel killed: {killed}")
        fault.over()


def test_the_database_reaches_its_memory_limit(load: Load, db: Container) -> None:
    with load.during("database: memory limit hit", within=WITHIN) as fault:
        # tail keeps a line until it ends, and this one never does.
        ended = db.exec_run(["tail", "/dev/zero"], user="postgres")
        assert ended.exit_code == 137, ended
        fault.over()


# --- A stack with a small disk and a clock that can be set ----------------------------------------


@pytest.fixture(scope="module")
def brittle(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brittle]:
    if platform.machine() != "x86_64":
        pytest.skip("libfaketime's wheel is for x86-64")
    with running(project, tmp_path_factory.mktemp("brittle"), project.client) as made:
        yield made


@pytest.fixture(scope="module")
def brittle_panel(brittle: Brittle) -> Panel:
    panel = Panel(brittle.project.url)
    credentials = {name: ADMIN[name] for name in ("username", "password")}
    with suppress(requests.Timeout):  # of a busy machine: it is done all the same
        panel.set_up()
    wait_until(
        "the first log-in",
        lambda: panel.post("/api/session/", credentials).status_code == 200,
        seconds=60,
        ignoring=(requests.Timeout,),
    )
    return panel


@pytest.fixture(scope="module")
def brittle_load(
    brittle: Brittle, brittle_panel: Panel, client: DockerClient, report: Report
) -> Load:
    return Load(brittle.project, brittle_panel, two_sensors(brittle_panel), report)


@pytest.mark.parametrize("jump", [3600, -3600], ids=["forward", "back"])
def test_the_clock_jumps_by_an_hour(brittle_load: Load, brittle: Brittle, jump: int) -> None:
    direction = "forward" if jump > 0 else "back"
    try:
        with brittle_load.during(f"clock an hour {direction}", within=WITHIN):
            brittle.set_clock(jump)
    finally:
        brittle.set_clock(0)


@pytest.mark.parametrize("jump", [3600, -3600], ids=["forward", "back"])
def test_a_delay_takes_its_seconds_whatever_the_clock_says(
    brittle_panel: Panel, brittle: Brittle, report: Report, jump: int
) -> None:
    """An intruder who comes while the clock is set has no hour until the siren."""
    panel = brittle_panel
    panel.wait_until_ready()
    row = Row(f"clock {jump:+d} s in a delay of 4 s", verdict="failed")
    report.add(row)
    path = panel.url + "/api/settings/"
    delay = {"exit_delay": 4}
    assert panel.http.patch(path, json=delay, headers=panel.csrf()).status_code == 200
    assert panel.arm("away").status_code == 200
    began = time.monotonic()
    try:
        brittle.set_clock(jump)
        wait_until("the exit delay to end", lambda: panel.state() == "armed_away", seconds=20)
        row.notes = f"it took {time.monotonic() - began:.1f} s"
        row.verdict = "ok"
    finally:
        brittle.set_clock(0)
        assert panel.post("/api/alarm/disarm/", {"pin": PIN}).status_code == 200


def test_the_databases_disk_is_full(
    brittle_load: Load, brittle: Brittle, client: DockerClient
) -> None:
    """It gives errors, then stops and starts in vain until there is room."""
    containers = brittle.project.containers()
    db, disk = containers["db"], containers["disk"]
    with brittle_load.during("database: disk full for 30 s", within=150) as fault:
        try:
            filled = disk.exec_run(["sh", "-c", FILL.format("/disk")])
            assert b"No space left" in filled.output, filled
            fault.last(10)
            # Its log needs the next file, and there is no room for one.
            switch = ["psql", "-U", "alarm", "-d", "alarm_db", "-c", "SELECT pg_switch_wal()"]
            with suppress(APIError):
                for _ in range(8):
                    db.exec_run(switch)
            fault.last(20)
        finally:
            act.remove(disk, "/disk/filled")
        fault.over()
