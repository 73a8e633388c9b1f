"""inv completion: what real shells make of a Tab. Where this may not install zsh and fish, those
that the machine has.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stack import debian
from stack.modes import ROOT

MAY_INSTALL = debian.release() is not None and debian.is_root()
SHELLS = [shell for shell in ("bash", "zsh", "fish") if MAY_INSTALL or shutil.which(shell)]

LINES = {
    "inv dev.lo": ["dev.logs"],
    "inv doc": ["doctor"],
    "inv dev.logs d": ["daphne", "db", "dev-page"],
    "inv prod.restart ": ["daphne", "nginx", "worker"],
    "inv dev.logs --program v": ["vite"],
    "inv dev.logs --": ["--help", "--no-follow", "--program", "--tail"],
    "inv dev.logs --tail ": [],
    "inv doctor --f": ["--fix"],
    "inv dev.restart daphne dev.stat": ["dev.status"],
    "inv completion ": ["bash", "fish", "zsh"],
    "inv dev.manage migr": [],
    "invoke prod.lo": ["prod.logs"],
    "./bootstrap ": ["inv", "nox"],
    "./bootstrap inv dev.re": ["dev.reset", "dev.restart", "dev.restore"],
}

BASH = """
source "$1"
read -ra COMP_WORDS <<<"$2"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
__alarm_complete "${COMP_WORDS[0]}"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if missing := [shell for shell in SHELLS if shutil.which(shell) is None]:
        debian.update()
        debian.install(*missing)
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        argv = [sys.executable, "-m", "invoke", "completion", shell]
        printed = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True).stdout
        (folder / f"inv.{shell}").write_bytes(printed)
    return folder


def output(*argv: str | Path, cwd: Path = ROOT) -> list[str]:
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_is_one_that_its_shell_understands(scripts: Path, shell: str) -> None:
    assert output(shell, "-n", scripts / f"inv.{shell}") == []


ASK = {
    "bash": lambda script, line: ("bash", "--norc", "-c", BASH, "bash", script, line),
    "fish": lambda script, line: (
        *("fish", "--no-config", "-c"),
        f"source '{script}'; complete --do-complete '{line}'",
    ),
}
"""How each is asked what it would offer; zsh only says so at a terminal, below."""


@pytest.mark.parametrize("shell", [shell for shell in ASK if shell in SHELLS])
@pytest.mark.parametrize("line", LINES)
def test_what_is_offered(scripts: Path, shell: str, line: str) -> None:
    found = output(*ASK[shell](scripts / f"inv.{shell}", line))
    assert sorted(row.partition("\t")[0] for row in found) == LINES[line]


def test_a_name_with_an_equals_sign_too(scripts: Path) -> None:
    """bash splits there; its COMP_WORDS are made by hand, as Readline makes them."""
    script = BASH.replace('read -ra COMP_WORDS <<<"$2"', "COMP_WORDS=(inv dev.logs --program = v)")
    assert output("bash", "-c", script, "bash", scripts / "inv.bash", "") == ["vite"]


START = {
    "bash": (["bash", "--norc", "-i"], "source"),
    "zsh": (["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; source"),
}


@contextmanager
def terminal(shell: str, script: Path) -> Iterator[int]:
    """A shell that a person types into, with the script loaded."""
    argv, source = START[shell]
    process, handle = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.execvpe(argv[0], argv, {**os.environ, "TERM": "dumb"})
    try:
        os.write(handle, f"{source} {script}; echo rea''dy\n".encode())
        read_until(handle, "ready")
        yield handle
    finally:
        os.close(handle)  # the shell's terminal hangs up, which ends it
        os.waitpid(process, 0)


def read_until(handle: int, wanted: str, seconds: float = 20) -> None:
    seen, limit = b"", time.monotonic() + seconds
    while wanted.encode() not in seen:
        assert time.monotonic() < limit, f"{wanted!r} did not come; seen: {seen!r}"
        if select.select([handle], [], [], 0.1)[0]:
            seen += os.read(handle, 4096)


@pytest.mark.parametrize("shell", [shell for shell in START if shell in SHELLS])
@pytest.mark.parametrize(
    ("typed", "becomes"),
    [("inv dev.lo", "inv dev.logs "), ("inv prod.restart ngi", "inv prod.restart nginx ")],
)
def test_the_tab_key_completes(scripts: Path, shell: str, typed: str, becomes: str) -> None:
    with terminal(shell, scripts / f"inv.{shell}") as handle:
        os.write(handle, f"{typed}\t".encode())
        # What has been typed is echoed, or drawn anew: the rest is what counts.
        read_until(handle, becomes.removeprefix(typed))


def test_another_projects_tasks_are_invokes_to_complete(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "inv").write_text("#!/bin/sh\nprintf '%s\\n' their-task other\n")
    (tmp_path / "inv").chmod(0o755)
    script = f"PATH={tmp_path}:$PATH\n{BASH}"
    argv = ("bash", "-c", script, "bash", scripts / "inv.bash", "inv their")
    assert output(*argv, cwd=tmp_path) == ["their-task"]
