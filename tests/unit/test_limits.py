"""Limits of the machine: two lines before a start, or from what the engine says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.compose import ports
from stack.compose.project import Project
from stack.config.modes import LOCAL, ROOT
from stack.core import watches
from stack.core.console import Failure
from stack.core.process import run_quietly
from stack.engine import disk, refusals
from stack.local.runner import Local


@pytest.mark.parametrize(
    ("said", "what", "remedy"),
    [
        (
            "Error response from daemon: could not find an available, non-overlapping IPv4 address "
            "pool among the defaults to assign to the network",
            "no address range left",
            "docker network prune",
        ),
        (
            "Error response from daemon: all predefined address pools have been fully subsumed",
            "no address range left",
            "docker network prune",
        ),
        (
            "Error starting userland proxy: listen tcp4 10.9.9.9:5427: bind: cannot assign "
            "requested address",
            "ALARM_BIND",
            "hostname -I",
        ),
        (
            "cannot expose privileged port 80, you can add "
            "'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf (currently 1024)",
            "below 1024",
            "ALARM_PORT=8080",
        ),
        ("write /app/x: no space left on device", "disk", "docker builder prune"),
        ("did not complete successfully: exit code: 137", "memory", "more memory"),
    ],
)
def test_what_the_engine_refuses_is_explained(said: str, what: str, remedy: str) -> None:
    argv = [sys.executable, "-c", f"import sys; print({said!r}); sys.exit(1)"]
    with pytest.raises(Failure, match=what) as refused:
        run_quietly("Starting", argv, remedy="Correct it.", explain=refusals.explain)
    assert remedy in refused.value.remedy


def test_another_error_of_the_engine_keeps_its_own_remedy() -> None:
    argv = ["sh", "-c", "echo no such service; exit 3"]
    with pytest.raises(Failure, match="ended with status 3") as refused:
        run_quietly("Starting", argv, remedy="Correct it.", explain=refusals.explain)
    assert refused.value.remedy == "Correct it."


ALL_TAKEN = """
import ctypes, resource
from pathlib import Path
from stack.core import watches
assert watches.exhausted(Path(".")) is None
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (30, hard))
while ctypes.CDLL(None).inotify_init1(0) >= 0: pass
limit = watches.exhausted(Path("."))
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
print(watches.used_up(limit))
"""


def test_watches_that_are_used_up_are_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALL_TAKEN], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "of fs.inotify.max_user_instances are in use" in done.stdout, done.stderr
    assert "sudo sysctl fs.inotify.max_user_instances=" in done.stdout
    assert "ALARM_POLLING=true" in done.stdout


def test_without_watches_the_local_stack_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "exhausted", lambda folder: "max_user_watches")
    with pytest.raises(Failure, match="max_user_watches are in use"):
        Local(Project(LOCAL, "x-local", ports.free_port(), tmp_path)).up()


def test_used_up_inodes_are_an_error_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_inodes", lambda folder: 12)
    with pytest.raises(Failure, match="Only 12 inodes are free"):
        disk.require_room(tmp_path)


def test_doctor_warns_of_an_address_that_comes_with_the_network() -> None:
    env = {**os.environ, "ALARM_BIND": "192.0.2.1", "DOCKER_HOST": "unix:///nowhere.sock"}
    argv = [sys.executable, "-m", "invoke", "doctor"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert "ALARM_BIND" in done.stderr
    assert "ip_nonlocal_bind=1" in done.stderr
