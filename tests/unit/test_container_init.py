"""docker/common/bin/container-init: how a container stops."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from stack.config.modes import ROOT
from stack.core.polling import wait_until

SCRIPT = ROOT / "docker" / "common" / "bin" / "container-init"
# In place of supervisord: it notes when it has to stop, and whether the container drains then.
SUPERVISORD = """#!/bin/bash
trap 'date +%s.%N >"$RUN_DIR/stopped"; ls "$RUN_DIR" >"$RUN_DIR/seen"; exit 0' TERM
touch "$RUN_DIR/runs"
while :; do sleep 0.05; done
"""


def stopped_after(run: Path, **variables: str) -> tuple[float, list[str]]:
    """The seconds from SIGTERM until supervisord gets it, and the files that there are then."""
    program = run / "bin" / "supervisord"
    program.parent.mkdir()
    program.write_text(SUPERVISORD, encoding="ascii")
    program.chmod(0o755)
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}", "RUN_DIR": str(run), **variables}
    process = subprocess.Popen([SCRIPT], env=env)
    try:
        wait_until("its start", (run / "runs").exists, seconds=20)
        asked_at = time.time()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    stopped_at = float((run / "stopped").read_text(encoding="ascii"))
    return stopped_at - asked_at, (run / "seen").read_text(encoding="ascii").split()


def test_a_container_stops_at_once(tmp_path: Path) -> None:
    seconds, seen = stopped_after(tmp_path)
    assert seconds < 1
    assert "draining" not in seen


def test_a_replica_says_first_that_it_stops(tmp_path: Path) -> None:
    seconds, seen = stopped_after(tmp_path, DRAIN_SECONDS="1.5")
    assert seconds == pytest.approx(1.5, abs=0.6)
    assert "draining" in seen
