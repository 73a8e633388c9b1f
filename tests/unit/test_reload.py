"""docker/dev/bin/reload-on-save on this machine: a save restarts the process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.compose import ports
from stack.config.modes import ROOT
from stack.core.polling import wait_until

EDITOR = b'{"seq": 1, "type": "request", "command": "initialize", "arguments": {"adapterID": "x"}}'
"""An editor's first request: https://microsoft.github.io/debug-adapter-protocol/overview"""

PROGRAM = """
import pathlib, time
import colorsys  # stands for a package, which is not part of the application
import part
with pathlib.Path("said.log").open("a") as log:
    log.write(f"{part.WORD}\\n")
while True:
    time.sleep(0.1)
"""

SECONDS = 60  # a limit for a loaded machine


class Watched:
    """A folder with a process that prints a word, run by reload-on-save."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        self.folder = folder
        self.moment = time.time()
        for name in ("templates", "migrations"):
            (folder / name).mkdir()
        (folder / "program.py").write_text(PROGRAM)
        (folder / "part.py").write_text('WORD = "first"\n')
        self.output = folder.parent / f"{folder.name}.out"
        env = {
            **os.environ,
            "MODE": "development",
            "RUN_DIR": str(folder),
            "SUPERVISOR_PROCESS_NAME": "daphne",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": f"{ROOT / 'docker' / 'dev' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            **variables,
        }
        argv = [sys.executable, str(ROOT / "docker" / "dev" / "bin" / "reload-on-save")]
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*argv, "python", "program.py", *arguments],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def save(self, text: str, file: str = "part.py") -> None:
        path = self.folder / file
        path.write_text(text)
        # Polling sees whole seconds.
        self.moment += 2
        os.utime(path, (self.moment, self.moment))

    def wait_for_word(self, word: str) -> None:
        said = self.folder / "said.log"
        wait_until(
            f"the program to say {word}",
            lambda: said.exists() and said.read_text().split()[-1:] == [word],
            seconds=SECONDS,
        )

    def wait_for_line(self, text: str) -> None:
        wait_until(f"{text!r} in the log", lambda: text in self.output.read_text(), seconds=SECONDS)

    def error(self) -> str:
        file = self.folder / "daphne.error"
        return file.read_text() if file.exists() else ""


@pytest.fixture(params=["events", "polling"])
def watched(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    folder = tmp_path / "für den Test"
    folder.mkdir()
    # What these tests install would change the environment that runs them.
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    polling = str(request.param == "polling").lower()
    program = Watched(folder, ALARM_POLLING=polling, VIRTUAL_ENV=str(venv))
    try:
        program.wait_for_word("first")
        yield program
    finally:
        program.process.terminate()
        assert program.process.wait(SECONDS) == 0


def test_a_save_takes_effect_and_an_error_is_recorded(watched: Watched) -> None:
    watched.save('WORD = "second"\n')
    watched.wait_for_word("second")
    watched.wait_for_line("part.py saved: starting again")
    watched.save("WORD = (\n")
    wait_until("the error", watched.error, seconds=SECONDS)
    first_line = watched.error().splitlines()[0]
    assert first_line == "SyntaxError: '(' was never closed (part.py, line 1)"
    watched.wait_for_line("SyntaxError")
    watched.save('WORD = "third"\n')
    watched.wait_for_word("third")
    assert watched.error() == ""


def test_the_record_of_an_error_has_its_place(watched: Watched) -> None:
    watched.save("WORD = 1 / 0\n")
    wait_until("the error", watched.error, seconds=SECONDS)
    assert (
        watched.error().splitlines()[0] == "ZeroDivisionError: division by zero (part.py, line 1)"
    )


def test_a_saved_template_and_a_migration_are_logged(watched: Watched) -> None:
    watched.save("hello", "templates/page.html")
    watched.wait_for_line("page.html saved: starting again")
    watched.save("", "migrations/0007_more.py")
    watched.wait_for_line("New migration 0007_more.py. Apply it: inv dev.migrate")


def test_the_process_in_reserve_has_imported_packages_only(
    watched: Watched,
) -> None:
    """The process in reserve is the second child of reload-on-save."""

    def reserve() -> Path | None:
        folders = Path(f"/proc/{watched.process.pid}/task/{watched.process.pid}/children")
        children = [Path("/proc") / pid for pid in folders.read_text().split()]
        return children[1] if len(children) == 2 else None

    found = wait_until("a process in reserve", reserve, seconds=SECONDS)
    watched.save('WORD = "second"\n')
    watched.wait_for_word("second")
    assert found.exists(), "what was in reserve is what runs now"
    assert os.readlink(found / "cwd") == str(watched.folder)


def test_saved_requirements_are_installed_before_the_next_start(
    watched: Watched, tmp_path: Path
) -> None:
    watched.save("no requirement at all", "requirements.txt")
    watched.wait_for_line("requirements.txt saved: starting again")
    watched.wait_for_line("backend/: the packages could not be installed")
    watched.wait_for_word("first")


def test_an_editor_attaches_again_after_a_save(tmp_path: Path) -> None:
    folder, port = tmp_path / "edited", ports.free_port()
    folder.mkdir()

    def answers() -> bool:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as editor:
            editor.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(EDITOR), EDITOR))
            return editor.recv(65536).startswith(b"Content-Length: ")

    program = Watched(folder, DEBUGPY_PORT=str(port))
    try:
        program.wait_for_word("first")
        wait_until("an answer", answers, seconds=SECONDS, ignoring=(OSError,))
        program.save('WORD = "second"\n')
        program.wait_for_word("second")
        wait_until("an answer again", answers, seconds=SECONDS, ignoring=(OSError,))
    finally:
        program.process.terminate()
        assert program.process.wait(SECONDS) == 0


def test_a_killed_watcher_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    program = Watched(folder)
    program.wait_for_word("first")
    program.process.terminate()
    assert program.process.wait(SECONDS) == 0
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    assert str(folder) not in running.stdout
