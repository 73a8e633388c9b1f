"""log-prefix: names each line, in development keeps the last ones, and never loses output."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from stack.config.modes import ROOT
from stack.core.polling import wait_until

SCRIPT = ROOT / "docker" / "common" / "bin" / "log-prefix"


def logged(run_dir: Path, script: str, mode: str = "development") -> list[bytes]:
    """The complete output of a shell script under log-prefix."""
    env = {**os.environ, "RUN_DIR": str(run_dir), "MODE": mode}
    argv = [str(SCRIPT), "talker", "sh", "-c", script]
    return subprocess.run(argv, env=env, capture_output=True, check=True).stdout.splitlines()


def kept(run_dir: Path) -> list[bytes]:
    return b"".join(
        path.read_bytes() for path in (run_dir / "log" / "talker.1", run_dir / "log" / "talker")
    ).splitlines()


def test_every_line_is_named_and_only_the_last_are_kept(tmp_path: Path) -> None:
    said = logged(tmp_path, "seq 1 1203; echo oops >&2")
    assert said == [f"talker     | {word}".encode() for word in (*range(1, 1204), "oops")]
    assert kept(tmp_path)[-2:] == [b"1203", b"oops"]
    assert 500 <= len(kept(tmp_path)) <= 1000


def test_output_from_before_a_restart_is_kept(tmp_path: Path) -> None:
    logged(tmp_path, "echo it crashed")
    logged(tmp_path, "echo started again")
    wait_until("both", lambda: kept(tmp_path) == [b"it crashed", b"started again"], seconds=10)


def test_long_and_binary_lines_pass(tmp_path: Path) -> None:
    said = logged(tmp_path, r"head -c 100000 /dev/zero | tr '\0' '\377'; printf '\n\377\nlast'")
    assert said == [b"talker     | " + line for line in (b"\xff" * 100_000, b"\xff", b"last")]
    assert kept(tmp_path) == [b"\xff" * 2000, b"\xff", b"last"]


def test_output_passes_where_no_file_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "log" / "talker").mkdir(parents=True)
    assert logged(tmp_path, "echo one; echo two") == [b"talker     | one", b"talker     | two"]


def test_production_keeps_nothing(tmp_path: Path) -> None:
    assert logged(tmp_path, "echo one", mode="production") == [b"talker     | one"]
    assert list(tmp_path.iterdir()) == []
