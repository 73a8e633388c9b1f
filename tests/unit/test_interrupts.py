"""What stops a verb, and that nothing stops its cleaning up."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from invoke.exceptions import Exit

from stack.cli import foreground
from stack.compose.project import Project
from stack.config.modes import DEV, PROD, ROOT, Mode
from stack.core import signals

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
def test_every_signal_is_a_ctrl_c_and_only_the_first_counts(sent: signal.Signals) -> None:
    argv = [sys.executable, "-c", CLEANS_UP, str(int(sent))]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "cleaned up\n"), done.stderr


def test_ctrl_c_counts_where_whoever_started_it_ignores_it() -> None:
    """As a shell has it for what it starts with `&`."""
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
            print("to nobody", flush=True)
            say("to nobody")
            pathlib.Path(sys.argv[1]).write_text("cleaned up")
except KeyboardInterrupt:
    pass
"""


def test_a_terminal_that_is_closed_does_not_keep_from_cleaning_up(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", CLOSED, str(tmp_path / "told")])
    said = b""
    while b"ready" not in said:
        said += os.read(terminal, 1024)
    os.close(terminal)
    os.waitpid(child, 0)
    assert (tmp_path / "told").read_text() == "cleaned up"


def test_without_one_all_is_as_before() -> None:
    usual = [signal.getsignal(number) for number in ALL]
    with signals.interrupt_once():
        assert [signal.getsignal(number) for number in ALL] != usual
    assert [signal.getsignal(number) for number in ALL] == usual


def test_what_is_held_back_is_not_interrupted() -> None:
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

    def interrupted() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def stop() -> None:
        os.kill(os.getpid(), signal.SIGHUP)  # the terminal is closed as well
        done.append("stopped")

    runner = SimpleNamespace(
        project=Project(mode, "x", 5427), up=lambda: None, rows=interrupted, stop=stop
    )
    usual = [signal.getsignal(number) for number in ALL]
    try:
        with pytest.raises(Exit, match="Interrupted") as left:
            foreground.start(runner, detach=False, debugpy=False)
    finally:
        for number, handler in zip(ALL, usual, strict=True):
            signal.signal(number, handler)
    assert left.value.code == 130
    assert bool(done) is stopped
