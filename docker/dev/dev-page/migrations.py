"""The migrations that the database lacks, found by a process of its own.

Importing Django here would keep its memory and miss later edits.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

BACKEND = Path(os.environ.get("APP_DIR", "/app"), "backend")
SECONDS = 30
"""The limit: importing Django takes one, a database that does not answer three more."""

KEPT_SECONDS = 5
"""How long an answer is cached."""

ONE_AT_A_TIME = threading.Lock()
_last: dict[str, object] = {}
_until = 0.0


def state() -> dict[str, object]:
    """`pending`: names of migrations; `unwritten`: apps whose models ask for one; or `error`.

    `inv` is the mode, as in `inv dev`.
    """
    global _last, _until
    with ONE_AT_A_TIME:
        if time.monotonic() > _until:
            _last = _ask() | {"inv": os.environ.get("INV_MODE", "dev")}
            _until = time.monotonic() + KEPT_SECONDS
        return _last


def _ask() -> dict[str, object]:
    script = Path(__file__).with_name("find_migrations.py")
    try:
        done = subprocess.run(
            [sys.executable, script],
            cwd=BACKEND,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"There was no answer within {SECONDS} s."}
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"It ended with status {done.returncode}."]
        return {"error": said[-1][:500]}
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer
