"""Base images: which ones a build starts from, and why.

An image that is present locally is used; else the registry's, where a registry answers; else the
stand-ins that `inv bases` makes from Debian packages. What a person set in the environment or in
.env is used as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stack.config import dotenv
from stack.config.modes import ROOT
from stack.core.console import say
from stack.core.process import run_quietly
from stack.images import fallback

if TYPE_CHECKING:
    from docker import DockerClient

REGISTRY_SECONDS = 5
"""How long a registry may take to answer before it counts as out of reach."""

DEFAULTS = {
    "Dockerfile": re.compile(r"^ARG (?P<name>[A-Z]+_IMAGE)=(?P<image>\S+)$", re.M),
    "compose/base.yml": re.compile(r"\$\{(?P<name>[A-Z]+_IMAGE):-(?P<image>[^}]+)\}"),
}
"""Files that hold a default image each, and how it is written there."""

OF_PROFILES = {"MOSQUITTO_IMAGE": "mqtt"}
"""Images of services that run only where Compose's profile of that name is on."""


@dataclass(frozen=True)
class Choice:
    """An image for one variable, e.g. PYTHON_IMAGE, and where it comes from."""

    variable: str
    image: str
    origin: str
    differs: bool
    """Whether it is another one than the default, so that it must be passed on."""


def defaults() -> dict[str, str]:
    """The default image of each variable, read from the files that define it."""
    return {
        match["name"]: match["image"]
        for path, pattern in DEFAULTS.items()
        for match in pattern.finditer((ROOT / path).read_text(encoding="utf-8"))
    }


def needed(root: Path) -> dict[str, str]:
    """The defaults without those of profiles that are off in the environment and in .env."""
    named = dotenv.setting(root, "COMPOSE_PROFILES") or ""
    on = {name.strip() for name in named.split(",")}
    return {
        variable: image
        for variable, image in defaults().items()
        if variable not in OF_PROFILES or on & {OF_PROFILES[variable], "*"}
    }


def choose(
    client: DockerClient, root: Path, wanted: Mapping[str, str] | None = None
) -> list[Choice]:
    """Pick an image for each variable of `wanted` (name: default), or for each that is needed.

    Pulls it, or builds the stand-ins when there is nothing else. Raises Failure where neither a
    registry nor Debian's tools are at hand.
    """
    wanted = needed(root) if wanted is None else wanted
    settings = dotenv.read(root / ".env")
    choices: list[Choice] = []
    registry: bool | None = None
    for variable, default in wanted.items():
        if own := os.environ.get(variable) or settings.get(variable):
            choices.append(Choice(variable, own, "set by you", differs=True))
        elif is_local(client, default):
            choices.append(Choice(variable, default, "present locally", differs=False))
        else:
            if registry is None:
                registry = registry_answers(client, default)
            if registry:
                # Builds alone would not leave it in the engine, and the next one needs it offline.
                pull(default)
                choices.append(Choice(variable, default, "from the registry", differs=False))
            else:
                stand_in = _stand_in(client, variable, wanted)
                choices.append(Choice(variable, stand_in, "stand-in, no registry", differs=True))
    return choices


def explain(choices: list[Choice]) -> None:
    """Say in one line where each base image comes from."""
    say("Base images: " + ", ".join(f"{c.image} ({c.origin})" for c in choices), style="dim")


def variables(choices: list[Choice]) -> dict[str, str]:
    """What must be set for Docker Compose so that it uses these choices."""
    return {c.variable: c.image for c in choices if c.differs}


def is_local(client: DockerClient, image: str) -> bool:
    """Whether the engine has `image`."""
    from docker.errors import ImageNotFound

    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def pull(image: str) -> None:
    """Get an image from its registry, with progress."""
    remedy = "Try again; without a registry: inv bases"
    run_quietly(f"Pulling {image}", ["docker", "pull", image], remedy=remedy)


def stand_ins_present(client: DockerClient) -> bool:
    """Whether every stand-in that is needed has been made."""
    return all(is_local(client, fallback.STAND_INS[kind(variable)]) for variable in needed(ROOT))


def registry_answers(client: DockerClient, image: str) -> bool:
    """Whether the engine reaches the registry of `image`, by its own mirrors and proxies."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    usual, client.api.timeout = client.api.timeout, REGISTRY_SECONDS
    try:
        client.api.inspect_distribution(image)  # type: ignore[no-untyped-call]  # types-docker has no types for it
    except (DockerException, RequestException):
        return False
    finally:
        client.api.timeout = usual
    return True


def kind(variable: str) -> str:
    """What bases.py calls the image of a variable, e.g. PYTHON_IMAGE."""
    return variable.removesuffix("_IMAGE").lower()


def _stand_in(client: DockerClient, variable: str, wanted: Iterable[str]) -> str:
    image = fallback.STAND_INS[kind(variable)]
    if not is_local(client, image):
        fallback.build([kind(name) for name in wanted])
    return image
