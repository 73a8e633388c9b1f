"""Which versions of the engine and its plugins are needed, and with which the project was run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MINIMUM_ENGINE = (25, 0, 0)
"""The first Docker Engine with the `start_interval` of health checks."""

MINIMUM_COMPOSE = (2, 24, 4)
"""The first Docker Compose with `include`, `env_file: required` and `!override` as used here."""

MINIMUM_BUILDX = (0, 13)
"""The oldest Buildx that the project was run with."""

BUILDX_OF_NEW_COMPOSE = ((2, 40, 2), (0, 17))
"""From this Docker Compose on, `build` needs at least this Buildx.

Source: https://github.com/docker/compose/pull/13295
"""

RUN_WITH = {
    "Docker Engine": ("26.1", "28.5"),
    "Docker Compose": ("2.26", "5.6"),
    "Buildx": ("0.13", "0.29"),
}
"""The oldest and the newest of each that the project was run with. README.md names them, too."""


@dataclass(frozen=True)
class Facts:
    """Versions as they call themselves; None is what does not answer or is not there."""

    server: str | None
    compose: str | None
    buildx: str | None
    is_podman: bool = False
    """Whether Podman answers at Docker's socket."""

    @property
    def server_is_new_enough(self) -> bool:
        """Whether a Docker engine answers and is at least MINIMUM_ENGINE."""
        is_docker = self.server is not None and not self.is_podman
        return is_docker and numbers(str(self.server)) >= MINIMUM_ENGINE

    @property
    def compose_is_new_enough(self) -> bool:
        """Whether Compose is there and at least MINIMUM_COMPOSE."""
        return self.compose is not None and numbers(self.compose) >= MINIMUM_COMPOSE

    @property
    def needed_buildx(self) -> tuple[int, ...]:
        """The oldest Buildx that this Compose builds with."""
        first_compose, buildx = BUILDX_OF_NEW_COMPOSE
        is_new = self.compose is not None and numbers(self.compose) >= first_compose
        return buildx if is_new else MINIMUM_BUILDX

    @property
    def buildx_is_new_enough(self) -> bool:
        """Whether Buildx is there and fits the Compose that is there."""
        return self.buildx is not None and numbers(self.buildx) >= self.needed_buildx

    def newer_than_run(self) -> Iterator[str]:
        """A phrase for each part that is newer than the newest which the project was run with."""
        found = (self.server, self.compose, self.buildx)
        for (name, (_, newest)), version in zip(RUN_WITH.items(), found, strict=True):
            if version is not None and numbers(version)[:2] > numbers(newest):
                yield f"{name} {version} is newer than {newest}"


def numbers(version: str) -> tuple[int, ...]:
    """The numbers a version begins with: (2, 26, 1) for `2.26.1-4`, `v2.26.1` and `2.26.1+ds1`."""
    found = re.search(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def dotted(version: tuple[int, ...]) -> str:
    """The version as people write it: `2.24.4` for (2, 24, 4)."""
    return ".".join(map(str, version))
