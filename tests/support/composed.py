"""What Docker Compose makes of compose/, whatever this checkout's `.env` says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from stack.config.modes import DEV, PROD, ROOT


def composed(*files: str, **settings: str) -> dict[str, Any]:
    """The files of the checkout as Compose understands them, with these settings alone.

    Paths in the answer are those of a folder that is gone.
    """
    with tempfile.TemporaryDirectory() as folder:
        for mode in (DEV, PROD):
            shutil.copy(ROOT / mode.compose_file, folder)
        for name in ("compose", "docker"):
            Path(folder, name).symlink_to(ROOT / name)
        options = [word for file in files for word in ("--file", file)]
        argv = ["docker-compose", "--project-directory", ".", *options, "config"]
        env = {**os.environ, "ALARM_NAME": "house", **settings}
        argv += ["--format", "json"]
        output = subprocess.run(
            argv, cwd=folder, env=env, capture_output=True, text=True, check=True
        )
    warnings = [line for line in output.stderr.splitlines() if "level=warning" in line]
    # Newer ones say of parts of `deploy` that Swarm alone reads them.
    assert [line for line in warnings if "Swarm" not in line] == []
    return dict(json.loads(output.stdout))
