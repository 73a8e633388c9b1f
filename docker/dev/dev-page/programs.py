"""The programs of this container, asked of supervisord: http://supervisord.org/api.html"""

import http.client
import os
import subprocess
import xmlrpc.client

from supervisor.xmlrpc import SupervisorTransport

SOCKET = f"unix://{os.environ.get('RUN_DIR', '/run/app')}/supervisor.sock"
RESTART_SECONDS = 60
"""How long a program may take to stop, and several processes of one to come one by one."""


class Unwilling(Exception):
    """supervisord does not answer, or did not do what it was asked for; the message says why."""


def states() -> list[dict[str, object]]:
    """Each process: names, state, process id, uptime in seconds, and why it does not run.

    Raises Unwilling when supervisord does not answer.
    """
    transport = SupervisorTransport(None, None, SOCKET)
    try:
        every = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        found = every.supervisor.getAllProcessInfo()
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        raise Unwilling(f"supervisord does not answer: {error}") from error
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
    """Stop and start a program, as `inv dev.restart` does; raises Unwilling when it did not."""
    try:
        done = subprocess.run(
            ["programs", "restart", name],
            capture_output=True,
            text=True,
            timeout=RESTART_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unwilling(f"{name} did not restart within {RESTART_SECONDS} s.") from error
    if done.returncode:
        raise Unwilling(done.stderr.strip() or f"{name} was not restarted.")
