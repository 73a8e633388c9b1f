"""One Docker Compose project: a mode of a checkout under a name and on a port.

Its methods are the only way to run Docker Compose.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.config import ca_bundle, dotenv, version
from stack.config.modes import DEFAULT_PORT, PROD, ROOT, Mode
from stack.core.console import Failure, lines
from stack.core.process import run_attached, run_quietly
from stack.engine import docker_engine
from stack.engine.docker_engine import Engine

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"


@dataclass(frozen=True)
class Project:
    """A mode under a project name, on a port. Tests run projects of their own beside a person's."""

    mode: Mode
    name: str
    """What Docker Compose calls it, e.g. `alarm-3f9a1c-dev`."""
    port: int
    root: Path = ROOT
    """The checkout it runs from; commands are run there."""
    overlay: str | None = None
    """A compose file that adds to the mode's, e.g. compose/debugpy.yml."""
    settings: tuple[tuple[str, str], ...] = ()
    """Variables for compose files beyond the port, e.g. ("POSTGRES_IMAGE", "postgres:15")."""
    engine: Engine = field(default_factory=Engine, compare=False, repr=False)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the panel."""
        return f"http://localhost:{self.port}"

    @property
    def client(self) -> DockerClient:
        """The engine's client. Raises Failure where no engine answers."""
        return self.engine.client

    def with_settings(self, **settings: str) -> Project:
        """The same project with more variables for the compose files."""
        return replace(self, settings=(*self.settings, *settings.items()))

    @property
    def variables(self) -> dict[str, str]:
        """What is set for Docker Compose because it differs from the defaults; worth showing."""
        moved = {} if self.port == DEFAULT_PORT else {"ALARM_PORT": str(self.port)}
        # Docker Compose before version 5 reads an IPv6 address in brackets only.
        address = bind_address(self.root)
        bracketed = {"ALARM_BIND": f"[{address}]"} if ":" in address else {}
        return {**moved, **bracketed, **dict(self.settings)}

    @cached_property
    def environment(self) -> dict[str, str]:
        """What Docker Compose gets beside this process's environment.

        Raises Failure when it cannot read the compose files with the settings as they are.
        """
        digests = self._digests() if self.mode is PROD else {}
        return {**self._base_environment, **digests}

    def require_readable(self) -> None:
        """Raise Failure where Docker Compose refuses the settings, before anything is done."""
        assert self.environment

    @cached_property
    def _base_environment(self) -> dict[str, str]:
        return {
            "BUILDX_BUILDER": docker_engine.builder(),
            "CA_BUNDLE": str(ca_bundle.COPY),
            "VERSION": version.version(),
            "REVISION": version.revision(self.root),
            # Always, because the person's own environment may name another.
            "ALARM_PORT": str(self.port),
            **self.variables,
        }

    def _digests(self) -> dict[str, str]:
        """By service, a number that changes with its settings and secrets, e.g. APP_DIGEST.

        It is a label of the container, so that a change makes a new one (compose/prod.yml).
        """
        asked = subprocess.run(
            self.command("config", "--format", "json"),
            cwd=self.root,
            env={**os.environ, **self._base_environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.returncode != 0:
            lines(asked.stderr.splitlines())
            raise Failure(
                "Docker Compose cannot read its files with these settings.",
                "Mend what it says above, in .env or in compose/",
            )
        config = json.loads(asked.stdout)
        files = {name: Path(secret["file"]) for name, secret in config["secrets"].items()}
        return {
            f"{service.upper()}_DIGEST": _digest(settings, files)
            for service, settings in config["services"].items()
        }

    def command(self, *arguments: str) -> list[str]:
        """The argument list of a Docker Compose command, to be run in `root`."""
        return [
            *("docker", "compose", "--file", self.mode.compose_file),
            *(["--file", self.overlay] if self.overlay else []),
            *("--project-name", self.name),
            *arguments,
        ]

    def run(
        self, title: str, *arguments: str, remedy: str, may_be_interrupted: bool = True
    ) -> None:
        """Run a Docker Compose command under a step called `title`; Failure when it fails."""
        run_quietly(
            title,
            self.command("--progress", "plain", *arguments),
            remedy=remedy,
            may_be_interrupted=may_be_interrupted,
            cwd=self.root,
            env=self.environment,
            shown_env=self.variables,
        )

    def attach(self, verb: str, *arguments: str) -> int:
        """Run `exec` or `run` with the person's terminal, where there is one; its exit status."""
        terminal = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["-T"]
        return run_attached(
            self.command(verb, *terminal, *arguments),
            cwd=self.root,
            env=self.environment,
            shown_env=self.variables,
        )

    def capture(
        self, *arguments: str, seconds: float | None = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a Docker Compose command and keep what it prints.

        Raises subprocess.TimeoutExpired after `seconds`.
        """
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def popen(self, *arguments: str, **streams: Any) -> subprocess.Popen[Any]:
        """Start a Docker Compose command; `streams` and the like are those of Popen."""
        env = {**os.environ, **self.environment}
        return subprocess.Popen(self.command(*arguments), cwd=self.root, env=env, **streams)

    def containers(self) -> dict[str, Container]:
        """The project's containers by service, stopped ones too, one-off runs left out.

        Where one is being replaced it is the older of those that run, which serves.
        """
        by_service: dict[str, Container] = {}
        for container in self._newest_first():
            service = container.labels[SERVICE_LABEL]
            newer = by_service.get(service)
            if newer is None or newer.status != "running" or container.status == "running":
                by_service[service] = container
        return dict(sorted(by_service.items()))

    def containers_of(self, service: str) -> list[Container]:
        """A service's containers, the newest first: one, and a second while it is replaced."""
        return [c for c in self._newest_first() if c.labels[SERVICE_LABEL] == service]

    def _newest_first(self) -> list[Container]:
        labels = [f"{PROJECT_LABEL}={self.name}", "com.docker.compose.oneoff=False"]
        return self.client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)


def bind_address(root: Path) -> str:
    """The address that ALARM_BIND gives, without brackets; empty where it gives none."""
    return (dotenv.setting(root, "ALARM_BIND") or "").strip("[]")


def _digest(settings: dict[str, Any], secrets: dict[str, Path]) -> str:
    """Of a service's settings and of what is in its secrets, of which it gives none away."""
    settings = {name: value for name, value in settings.items() if name != "build"}
    paths = [secrets[secret["source"]] for secret in settings.get("secrets") or []]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()]
    text = json.dumps([settings, contents], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
