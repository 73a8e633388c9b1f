"""The two sides of the comparison: `inv dev`, and what a person would start by hand on the host."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stack.compose import ports
from stack.config import project_name
from stack.config.modes import DEV

HEALTH = "/api/health/live/"


@dataclass
class Container:
    """`inv dev` in a copy of the checkout."""

    root: Path
    port: int = field(default_factory=ports.free_port)
    name = "inv dev"

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api(self) -> str:
        return self.page + HEALTH

    def start(self) -> None:
        """Return when `inv dev --detach` has been started; it is waited for in `stop`."""
        self.command = self._inv("dev", "--detach")

    def stop(self) -> None:
        self._require(self.command)
        self._require(self._inv("dev.down"))

    def remove(self) -> None:
        """Containers, volumes and the image: nothing of the copy is kept."""
        project = f"{project_name.from_path(self.root)}-{DEV.name}"
        down = [
            "docker",
            "compose",
            "--project-name",
            project,
            "down",
            "--volumes",
            "--rmi",
            "local",
        ]
        subprocess.run(down, cwd=self.root, check=True, **QUIET)

    def _inv(self, *words: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "ALARM_PORT": str(self.port)}
        env.pop(project_name.VARIABLE, None)
        argv = [sys.executable, "-m", "invoke", *words]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                argv, cwd=self.root, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def _require(self, command: subprocess.Popen[bytes]) -> None:
        if command.wait() != 0:
            sys.exit(self.log.read_text(encoding="utf-8", errors="replace"))

    @property
    def log(self) -> Path:
        """What the last command said, for when it fails."""
        return self.root.parent / "inv.log"


@dataclass
class Host:
    """Plain `manage.py runserver` and plain `vite`; the database is there already."""

    root: Path
    database: dict[str, str]
    page_port: int = field(default_factory=ports.free_port)
    api_port: int = field(default_factory=ports.free_port)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    name = "runserver + vite"

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.page_port}"

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.api_port}{HEALTH}"

    def prepare(self) -> None:
        """What is done once: packages of the page, tables of the database."""
        npm = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(npm, cwd=self.root / "frontend", check=True, **QUIET)
        self._django("migrate").wait()

    def start(self) -> None:
        vite = ["node_modules/.bin/vite", "--host", "127.0.0.1", "--strictPort"]
        self.running = [
            self._django("runserver", f"127.0.0.1:{self.api_port}"),
            self._popen([*vite, "--port", str(self.page_port)], self.root / "frontend"),
        ]

    def stop(self) -> None:
        for process in self.running:
            os.killpg(process.pid, 15)  # runserver's reloader has a child
        for process in self.running:
            process.wait(10)
        self.running = []

    def remove(self) -> None:
        self.stop()

    def _django(self, *words: str) -> subprocess.Popen[bytes]:
        return self._popen([sys.executable, "manage.py", *words], self.root / "backend")

    def _popen(self, argv: list[str], folder: Path) -> subprocess.Popen[bytes]:
        env = {**os.environ, **self.database}
        return subprocess.Popen(argv, cwd=folder, env=env, start_new_session=True, **QUIET)


QUIET = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
}


@contextmanager
def removed_at_the_end(side: Container | Host) -> Iterator[None]:
    try:
        yield
    finally:
        side.remove()
