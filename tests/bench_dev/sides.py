"""The two sides of the comparison: `inv dev`, and commands that are typed on the host."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL

from stack.compose import ports
from stack.config import project_name
from stack.config.modes import DEV
from tests.support.invoke import INV

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
        """Start `inv dev --detach`; `stop` waits for its end."""
        self.command = self._inv("dev", "--detach")

    def stop(self) -> None:
        self._require(self.command)
        self._require(self._inv("dev.down"))

    def remove(self) -> None:
        """Remove the copy's containers, volumes and image."""
        project = f"{project_name.from_path(self.root)}-{DEV.name}"
        compose = ["docker", "compose", "--project-name", project]
        down = [*compose, "down", "--volumes", "--rmi", "local"]
        subprocess.run(down, cwd=self.root, check=True, stdin=DEVNULL, capture_output=True)

    def _inv(self, *words: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "ALARM_PORT": str(self.port)}
        env.pop(project_name.VARIABLE, None)
        argv = [*INV, *words]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                argv, cwd=self.root, env=env, stdin=DEVNULL, stdout=log, stderr=log
            )

    def _require(self, command: subprocess.Popen[bytes]) -> None:
        if command.wait() != 0:
            sys.exit(self.log.read_text(encoding="utf-8", errors="replace"))

    @property
    def log(self) -> Path:
        """The output of the last command, in case it fails."""
        return self.root.parent / "inv.log"


@dataclass
class Host:
    """Plain `manage.py runserver` and plain `vite`; the database runs already."""

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
        """Install the page's packages and create the tables, once."""
        npm = ["npm", "ci", "--no-audit", "--no-fund"]
        subprocess.run(
            npm, cwd=self.root / "frontend", check=True, stdin=DEVNULL, capture_output=True
        )
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
        return subprocess.Popen(
            argv,
            cwd=folder,
            env=env,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,
        )


@contextmanager
def removed_at_the_end(side: Container | Host) -> Iterator[None]:
    try:
        yield
    finally:
        side.remove()
