"""Base images: which ones a build starts from, and why.

An image that is present locally is used; else the registry's, where a registry answers; else the
stand-in that `inv bases` makes from Debian packages. An image that is set in the environment or in
.env is used as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stack.config import dotenv
from stack.config.modes import ROOT
from stack.core.process import run_quietly
from stack.images import stand_ins

if TYPE_CHECKING:
    from docker import DockerClient

REGISTRY_SECONDS = 5
"""How long a registry may take to answer."""

DEFAULTS = {
    "Dockerfile": re.compile(r"^ARG (?P<name>[A-Z]+_IMAGE)=(?P<image>\S+)$", re.M),
    "compose/**/*.yml": re.compile(r"\$\{(?P<name>[A-Z]+_IMAGE):-(?P<image>[^}]+)\}"),
}
"""The files with the default images, and how they are written there."""

OF_PROFILES = {"MOSQUITTO_IMAGE": "mqtt"}
"""Images of services that run only when that profile of Compose is on."""


@dataclass(frozen=True)
class Choice:
    """An image for one variable, e.g. PYTHON_IMAGE, and its origin, e.g. `present locally`."""

    variable: str
    image: str
    origin: str


def defaults() -> dict[str, str]:
    """The default image of each variable, read from the files that define it."""
    return {
        match["name"]: match["image"]
        for files, pattern in DEFAULTS.items()
        for path in sorted(ROOT.glob(files))
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    }


def needed(root: Path) -> dict[str, str]:
    """The defaults without those of profiles that are off."""
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
    own = {variable: dotenv.setting(root, variable) for variable in wanted}
    missing = [i for v, i in wanted.items() if not own[v] and not is_local(client, i)]
    registry = bool(missing) and registry_answers(client, missing[0])
    choices: list[Choice] = []
    for variable, default in wanted.items():
        if image := own[variable]:
            choices.append(Choice(variable, image, "set by you"))
        elif default not in missing:
            choices.append(Choice(variable, default, "present locally"))
        elif registry:
            # A build alone does not leave it in the engine, where the next one finds it offline.
            pull(default)
            choices.append(Choice(variable, default, "from the registry"))
        else:
            stand_in = stand_ins.STAND_INS[kind(variable)]
            if not is_local(client, stand_in):
                stand_ins.build([kind(name) for name in wanted])
            choices.append(Choice(variable, stand_in, "stand-in, no registry"))
    return choices


def variables(choices: list[Choice]) -> dict[str, str]:
    """The variables that make Docker Compose use these choices instead of its defaults."""
    usual = defaults()
    return {c.variable: c.image for c in choices if c.image != usual[c.variable]}


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
    return all(is_local(client, stand_ins.STAND_INS[kind(variable)]) for variable in needed(ROOT))


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
    """The key in STAND_INS for a variable, e.g. PYTHON_IMAGE."""
    return variable.removesuffix("_IMAGE").lower()
