"""Signals stop a command, and nothing stops its cleanup."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from invoke.exceptions import Exit

from stack.cli import foreground
from stack.compose.project import Project
from stack.compose.status import Row
from stack.config.modes import DEV, PROD, ROOT, Mode
from stack.core import signals
from stack.deploy.containers import Containers

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

CLEANS_UP = """
import os, signal, sys
from stack.core import signals as interruption

def all_at_once():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)

try:
    with interruption.interrupt_once():
        try:
            os.kill(os.getpid(), int(sys.argv[1]))
        finally:
            all_at_once()
            print("cleaned up")
except KeyboardInterrupt:
    all_at_once()
    sys.exit(130)
"""


@pytest.mark.parametrize("sent", ALL)
def test_each_signal_interrupts_and_only_the_first_counts(sent: signal.Signals) -> None:
    argv = [sys.executable, "-c", CLEANS_UP, str(int(sent))]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "cleaned up\n"), done.stderr


def test_ctrl_c_works_where_the_parent_ignores_it() -> None:
    """A shell ignores SIGINT for a command that it starts with `&`."""
    argv = [sys.executable, "-c", CLEANS_UP, str(int(signal.SIGINT))]
    deaf = ["bash", "-c", "trap '' INT; exec \"$@\"", "bash", *argv]
    done = subprocess.run(deaf, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "cleaned up\n"), done.stderr


CLOSED = """
import pathlib, signal, sys
from stack.core import signals as interruption
from stack.core.console import say

try:
    with interruption.interrupt_once():
        try:
            print("ready", flush=True)
            signal.pause()
        finally:
            print("to no reader", flush=True)
            say("to no reader")
            pathlib.Path(sys.argv[1]).write_text("cleaned up")
except KeyboardInterrupt:
    pass
"""


def test_cleanup_runs_after_the_terminal_is_closed(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", CLOSED, str(tmp_path / "done")])
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    os.close(terminal)
    os.waitpid(child, 0)
    assert (tmp_path / "done").read_text() == "cleaned up"


def test_without_a_signal_the_handlers_are_restored() -> None:
    usual = [signal.getsignal(number) for number in ALL]
    with signals.interrupt_once():
        assert [signal.getsignal(number) for number in ALL] != usual
    assert [signal.getsignal(number) for number in ALL] == usual


def test_an_uninterruptible_block_is_not_interrupted() -> None:
    usual = [signal.getsignal(number) for number in ALL]
    with signals.uninterruptible():
        for number in ALL:
            os.kill(os.getpid(), number)
    assert [signal.getsignal(number) for number in ALL] == usual


@pytest.mark.parametrize(("mode", "stopped"), [(DEV, True), (PROD, False)])
def test_ctrl_c_after_the_start_and_before_the_log_stops_development(
    mode: Mode, stopped: bool
) -> None:
    done: list[str] = []

    class Interrupted(Containers):
        def up(self) -> None:
            pass

        def rows(self) -> list[Row]:
            os.kill(os.getpid(), signal.SIGINT)
            return []

        def stop(self) -> None:
            os.kill(os.getpid(), signal.SIGHUP)  # the terminal is closed as well
            done.append("stopped")

    runner = Interrupted(Project(mode, "x", 5427))
    usual = [signal.getsignal(number) for number in ALL]
    try:
        with pytest.raises(Exit, match="Interrupted") as left:
            foreground.start(runner, detach=False, debugpy=False)
    finally:
        for number, handler in zip(ALL, usual, strict=True):
            signal.signal(number, handler)
    assert left.value.code == 130
    assert bool(done) is stopped
