"""Running other programs: quietly with progress, or with the user's terminal."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stack.core.console import Failure, print_output, say, step

TAIL = 25
"""How many of a failed program's last output lines are shown."""


def shell_command(argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """The command as it can be typed, with the variables that are set for it."""
    assignments = [f"{name}={shlex.quote(value)}" for name, value in sorted((env or {}).items())]
    return " ".join([*assignments, shlex.join(argv)])


def run_quietly(
    title: str,
    argv: Sequence[str],
    *,
    remedy: str,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    shown_env: Mapping[str, str] | None = None,
    umask: int = -1,
    explain: Callable[[str], Failure | None] = lambda output: None,
) -> None:
    """Run `argv` under a step called `title`; its output is shown only when it fails.

    `env` is added to this process's environment; of it, `shown_env` is echoed with the command.
    It is interrupted with this process, so not in a block that is uninterruptible.
    Raises Failure after printing the program's last lines, from which `explain` may make it.
    """
    say(f"$ {shell_command(argv, shown_env)}", style="dim")
    tail: deque[str] = deque(maxlen=TAIL)
    try:
        with step(title) as detail:
            process = _started(
                argv,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**os.environ, **(env or {})},
                umask=umask,
                # In a session of its own, the terminal's Ctrl-C does not reach it.
                start_new_session=signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
            )
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    tail.append(line)
                    detail(line.strip())
                status = process.wait()
            finally:
                _finish(process)
            if status != 0:
                raise explain("".join(tail)) or Failure(
                    f"{title}: {argv[0]} ended with status {status}.", remedy
                )
    except Failure:
        print_output(tail)
        raise


def _started(argv: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(argv, **options)
    except OSError as error:
        raise Failure(f"{argv[0]} cannot be run: {error.strerror}.", "Type: inv doctor") from error


def _finish(process: subprocess.Popen[str]) -> None:
    """End the child, which Ctrl-C reaches too, after time to clean up."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run_attached(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    shown_env: Mapping[str, str] | None = None,
) -> int:
    """Run `argv` with this process's own input and output; return its exit status.

    Interactive programs (a shell, pdb) hang under a pty of Invoke's.
    """
    say(f"$ {shell_command(argv, shown_env)}", style="dim")
    return subprocess.run(argv, cwd=cwd, env={**os.environ, **(env or {})}, check=False).returncode
