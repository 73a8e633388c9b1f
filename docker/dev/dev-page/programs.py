"""The processes of this container, by supervisord: http://supervisord.org/api.html"""

import http.client
import os
import subprocess
import xmlrpc.client

from supervisor import childutils

SOCKET = f"unix://{os.environ.get('RUN_DIR', '/run/app')}/supervisor.sock"
RESTART_SECONDS = 60
"""The limit for a program's processes to stop and start, one after another."""


class SupervisorError(Exception):
    """supervisord does not answer, or refused; the message says why."""


def states() -> list[dict[str, object]]:
    """Each process: names, state, process id, uptime in seconds, and why it does not run.

    Raises SupervisorError when supervisord does not answer.
    """
    supervisord = childutils.getRPCInterface({"SUPERVISOR_SERVER_URL": SOCKET}).supervisor
    try:
        found = supervisord.getAllProcessInfo()
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        raise SupervisorError(f"supervisord does not answer: {error}") from error
    return [
        {
            "program": info["group"],
            "process": info["name"],
            "state": info["statename"].lower(),
            "pid": info["pid"],
            "uptime": info["now"] - info["start"] if info["statename"] == "RUNNING" else 0,
            "reason": "" if info["statename"] == "RUNNING" else _reason(info),
        }
        for info in found
    ]


def _reason(info: dict[str, object]) -> str:
    status = f"ended with status {info['exitstatus']}" if info["exitstatus"] else ""
    return str(info["spawnerr"]) or status


def restart(name: str) -> None:
    """Stop and start a program, as `inv dev.restart` does; SupervisorError when that failed."""
    try:
        done = subprocess.run(
            ["programs", "restart", name],
            capture_output=True,
            text=True,
            timeout=RESTART_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SupervisorError(f"{name} did not restart within {RESTART_SECONDS} s.") from error
    if done.returncode:
        raise SupervisorError(done.stderr.strip() or f"{name} was not restarted.")
