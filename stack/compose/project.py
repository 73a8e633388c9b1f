"""One Docker Compose project: a mode of a checkout under a name and on a port.

Its methods are the only way to run Docker Compose.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.config import ca_bundle, certificates, dotenv, external_database, version
from stack.config.modes import DEFAULT_PORT, PROD, ROOT, Mode
from stack.core.console import Failure, print_output
from stack.core.process import run_attached, run_quietly
from stack.engine import docker_engine, refusals

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

    from stack.config.external_database import ExternalDatabase

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
STACK_LABEL = "com.docker.stack.namespace"
"""On what Swarm runs: the name of its stack (stack/cluster/)."""
ONE_OFF, SERVICE_OF_PROJECT = (f"com.docker.compose.oneoff={is_one}" for is_one in (True, False))


@dataclass(frozen=True)
class Project:
    """A mode under a project name, on a port. Tests have projects of their own."""

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

    @property
    def data_volume(self) -> str:
        """The volume with the database's files."""
        chosen = dict(self.settings).get(self.volume_variable)
        chosen = chosen or dotenv.setting(self.root, self.volume_variable) or "db_data"
        return f"{self.name}_{chosen}"

    @property
    def volume_variable(self) -> str:
        """The variable of `.env` that names that volume, as in compose/."""
        return f"{self.mode.name.upper()}_DB_VOLUME"

    @property
    def is_external(self) -> bool:
        """Whether its database is elsewhere. Only production's can be."""
        return self.mode is PROD and external_database.is_set(self.root)

    @property
    def external(self) -> ExternalDatabase | None:
        """The database that is reached from a container with PostgreSQL's programs, if it is."""
        return external_database.of(self.root) if self.is_external else None

    @property
    def compose_files(self) -> tuple[str, ...]:
        """The compose files, each adding to those before it."""
        return (self.mode.compose_file, *([self.overlay] if self.overlay else []))

    def has_data(self) -> bool:
        """Whether the volume with the database's files exists, or the database is elsewhere."""
        from docker.errors import NotFound

        if self.is_external:
            return True
        try:
            self.client.volumes.get(self.data_volume)
        except NotFound:
            return False
        return True

    @cached_property
    def client(self) -> DockerClient:
        """The engine's client. Raises Failure where no engine answers."""
        return docker_engine.connect()

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
        copies = certificates.variables(self.root) if self.mode.is_production else {}
        return {**moved, **bracketed, **copies, **dict(self.settings)}

    @cached_property
    def environment(self) -> dict[str, str]:
        """The variables that Docker Compose gets in addition to this process's.

        Raises Failure when it cannot read the compose files with the settings as they are.
        """
        digests = self._digests() if self.mode is PROD else {}
        return {**self._base_environment, **digests}

    @cached_property
    def _base_environment(self) -> dict[str, str]:
        return {
            **dotenv.behind_empty_variables(self.root),
            "BUILDX_BUILDER": docker_engine.endpoint().builder,
            "CA_BUNDLE": str(ca_bundle.COPY),
            "VERSION": version.version(),
            "REVISION": version.revision(self.root),
            # Always set, because this process's environment may have another one.
            "ALARM_PORT": str(self.port),
            **self.variables,
        }

    def _digests(self) -> dict[str, str]:
        """By service, e.g. APP_DIGEST, a hash of its settings and secrets.

        It is a label of the container, so that Compose replaces it after a change.
        """
        asked = self.capture("config", "--format", "json", env=self._base_environment)
        print_output(asked.stderr.splitlines())  # warnings, too
        if asked.returncode != 0:
            raise Failure(
                "Docker Compose cannot read its files with these settings.",
                "Correct what it says above, in .env or in compose/",
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
            *("docker", "compose"),
            *(option for file in self.compose_files for option in ("--file", file)),
            *("--project-name", self.name),
            *arguments,
        ]

    def run(self, title: str, *arguments: str, remedy: str) -> None:
        """Run a Docker Compose command under a step called `title`; Failure when it fails."""
        run_quietly(
            title,
            self.command("--progress", "plain", *arguments),
            remedy=remedy,
            cwd=self.root,
            env=self.environment,
            shown_env=self.variables,
            explain=refusals.explain,
        )

    def attach(self, verb: str, *arguments: str) -> int:
        """Run `exec` or `run` with this process's terminal, if any; its exit status."""
        terminal = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["-T"]
        return run_attached(
            self.command(verb, *terminal, *arguments),
            cwd=self.root,
            env=self.environment,
            shown_env=self.variables,
        )

    def capture(
        self,
        *arguments: str,
        seconds: float | None = 120,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a Docker Compose command and keep what it prints; `env` replaces `environment`.

        Raises subprocess.TimeoutExpired after `seconds`.
        """
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env={**os.environ, **(env or self.environment)},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def popen(self, *arguments: str, **streams: Any) -> subprocess.Popen[Any]:
        """Start a Docker Compose command; `streams` are options of Popen."""
        env = {**os.environ, **self.environment}
        return subprocess.Popen(self.command(*arguments), cwd=self.root, env=env, **streams)

    def containers(self) -> dict[str, Container]:
        """The project's containers by service, stopped ones too, one-off runs left out.

        While a service is replaced, it is the older one of those that run.
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
        labels = [f"{PROJECT_LABEL}={self.name}", SERVICE_OF_PROJECT]
        return self.client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)


def bind_address(root: Path) -> str:
    """The address that ALARM_BIND gives, without brackets; empty where it gives none."""
    return (dotenv.setting(root, "ALARM_BIND") or "").strip("[]")


def _digest(settings: dict[str, Any], secrets: dict[str, Path]) -> str:
    """A hash of a service's settings and of the content of its secrets."""
    settings = {name: value for name, value in settings.items() if name != "build"}
    paths = [secrets[secret["source"]] for secret in settings.get("secrets") or []]
    contents = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()]
    text = json.dumps([settings, contents], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
