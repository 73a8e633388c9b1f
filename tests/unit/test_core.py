"""Waiting, errors, echoed commands, log filtering."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stack.compose import logs, status
from stack.config.modes import ROOT
from stack.core import console, process
from stack.core.console import Failure
from stack.core.polling import NeverHappened, wait_until


def test_a_failure_is_two_lines() -> None:
    failure = Failure("It broke.", "Type: correct")
    assert str(failure).splitlines() == ["✗ It broke.", "  → Type: correct"]
    assert failure.code == 1


def test_waiting_returns_the_conditions_value() -> None:
    answers = iter([None, 0, "found"])
    assert wait_until("it", lambda: next(answers), seconds=5, every=0) == "found"


def test_waiting_ends_with_the_last_value() -> None:
    def never() -> bool:
        raise ConnectionError("refused")

    with pytest.raises(NeverHappened, match=r"the door: not within 0 s .*refused"):
        wait_until("the door", never, seconds=0, ignoring=(ConnectionError,))


def test_an_echoed_command_can_be_pasted() -> None:
    shown = process.shell_command(["echo", "two words"], {"B": "it's", "A": "1"})
    assert shown == """A=1 B='it'"'"'s' echo 'two words'"""
    assert subprocess.run(["sh", "-c", shown], capture_output=True, text=True).stdout == (
        "two words\n"
    )


def test_a_command_that_fails_shows_its_last_lines(capfd: pytest.CaptureFixture[str]) -> None:
    script = "import sys; [print('line', i) for i in range(100)]; sys.exit(3)"
    with pytest.raises(Failure) as failed:
        process.run_quietly("Counting", [sys.executable, "-c", script], remedy="Type: less")
    assert failed.value.what.startswith("Counting")
    assert failed.value.remedy == "Type: less"
    shown = capfd.readouterr().err
    assert "line 99" in shown
    assert "line 50" not in shown


def test_a_missing_command_is_an_error() -> None:
    with pytest.raises(Failure, match="no-such-program"):
        process.run_quietly("Trying", ["no-such-program"], remedy="Install it.")


def test_square_brackets_are_not_markup(capfd: pytest.CaptureFixture[str]) -> None:
    console.console.cache_clear()
    console.say("[bold]as it is[/bold]")
    assert "[bold]as it is[/bold]" in capfd.readouterr().err
    console.console.cache_clear()


def test_lines_of_one_process_are_selected() -> None:
    log = [
        "\x1b[2Kapp-1  | daphne     | a | b\n",
        "app-1  | vite       | daphne | no\n",
        "db-1   | daphne\n",
        "something\n",
        "app-1  | daphne     | c\n",
    ]
    lines = list(logs.named(log))
    assert list(logs.of_program(lines, "daphne")) == ["daphne     | a | b\n", "daphne     | c\n"]
    assert list(logs.of_program(lines, "db")) == ["db         | daphne\n"]


def test_each_process_has_a_colour_of_its_own_in_the_log() -> None:
    log = ["daphne     | a\n", "db         | b\n", "daphne     | c\n", "no name\n"]
    first, second, third, bare = logs.painted(log)
    assert first == "\x1b[36mdaphne     | \x1b[0ma\n"
    assert second.startswith("\x1b[33mdb ")
    assert third.startswith("\x1b[36mdaphne")
    assert bare == "no name\n"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(5, "5 s"), (65, "1 min 5 s"), (3600 * 2 + 60, "2 h 1 min")]
)
def test_durations_are_readable(seconds: int, shown: str) -> None:
    assert status._duration(seconds) == shown


INTERRUPTED_AT_EACH_LINE = """
import os, signal, sys
from pathlib import Path
from stack.core import files, signals

folder = Path(sys.argv[1])
lines = 0

def interrupt_at(wanted):
    def trace(frame, event, value):
        global lines
        if frame.f_code.co_filename not in {files.__file__, "<string>"}:
            return None
        lines += event == "line"
        if event == "line" and lines == wanted:
            os.kill(os.getpid(), signal.SIGINT)
        return trace
    return trace

def use():
    with files.temporary(folder, ".x-") as made:
        made.mkdir()
        Path(made, "file").write_text("x")
    files.replace(folder / "kept", b"", 0o600)

# Each process interrupts itself one line later than the one before, until the lines end.
for line in range(1, 200):
    child = os.fork()
    if child == 0:
        sys.stderr = open(os.devnull, "w")
        with signals.interrupt_once():
            sys.settrace(interrupt_at(line))
            use()
            sys.settrace(None)
        sys.exit(0)
    _, status = os.waitpid(child, 0)
    print(line, status, {path.name for path in folder.iterdir()} - {"kept"})
    if status == 0:
        break
"""


def test_an_interruption_at_any_line_leaves_no_temporary_file(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", INTERRUPTED_AT_EACH_LINE, str(tmp_path)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    *interrupted, last = done.stdout.splitlines()
    assert last.split()[1] == "0"
    assert len(interrupted) > 20
    assert not [line for line in (*interrupted, last) if not line.endswith(" set()")]
