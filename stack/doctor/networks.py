"""The port, proxies, certificates, and the registry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stack.compose import ports, published
from stack.compose.checkout import project_of
from stack.config import ca_bundle, dotenv
from stack.config.modes import MODES, ROOT
from stack.doctor.check import Check
from stack.images import base_images

if TYPE_CHECKING:
    from docker import DockerClient

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY")
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def port() -> Check:
    """Whether the port is free, or a stack of this checkout has it."""
    project = project_of(MODES["prod"])
    if not ports.is_taken(project.port):
        return Check("port", True, f"{project.port} is free")
    holder, remedy = ports.holder(project.port)
    ours = holder in {project_of(mode).name for mode in MODES.values()}
    return Check("port", ours, f"{project.port} is held by {holder}", remedy)


def published_ports() -> Iterator[Check]:
    """Whether each mode that runs answers at its port."""
    for mode in (MODES["dev"], MODES["prod"]):
        if fault := published.fault(project_of(mode)):
            yield Check(f"{mode.name} stack", False, fault.what, fault.remedy)


def proxies(root: Path) -> Check:
    """Whether the proxies of the environment or of .env can be used by builds, too."""
    settings = dotenv.read(root / ".env")
    chosen = {name: os.environ.get(name) or settings.get(name) or "" for name in PROXIES}
    for name, value in chosen.items():
        lower = name.lower()
        if not value and os.environ.get(lower):
            found = f"{lower} is set, {name} is not: builds go without"
            return Check("proxies", False, found, f'Type: export {name}="${lower}"', is_hint=True)
        if value and (problem := _problem(value)):
            return Check("proxies", False, f"{name} {problem}", f"Correct {name}", is_hint=True)
    used = [name for name, value in chosen.items() if value]
    return Check("proxies", True, ", ".join(used) or "none")


def _problem(proxy: str) -> str:
    """What is wrong with a proxy's address, which is not shown because of its password."""
    try:
        host = urlsplit(proxy if "://" in proxy else f"http://{proxy}").hostname
    except ValueError:
        host = None
    if not host:
        return "is not an address such as http://proxy:3128"
    if host in THIS_MACHINE:
        return "names this machine as localhost, which in a build is the build's own container"
    return ""


def bundle(root: Path) -> Iterator[Check]:
    """The host's CA bundle, and the copy of it that builds read."""
    bundle = ca_bundle.ca_bundle(root)
    yield Check("CA bundle", True, str(bundle) if bundle else "none; images use their own")
    if (root / ca_bundle.COPY).exists() and not ca_bundle.copy_is_fresh(root):
        yield Check(
            "copy of the CA bundle",
            False,
            f"{ca_bundle.COPY} is not what this host trusts now",
            "inv dev and inv prod renew it; for plain docker compose: inv doctor --fix",
            is_hint=True,
            fix=lambda: ca_bundle.refresh_copy(root),
        )


def registry(client: DockerClient) -> Check:
    """Whether base images are available, here or from a registry."""
    default = base_images.defaults()["PYTHON_IMAGE"]
    if base_images.registry_answers(client, default):
        return Check("registry", True, "answers")
    missing = [i for i in base_images.needed(ROOT).values() if not base_images.is_local(client, i)]
    stand_ins = base_images.stand_ins_present(client)
    found = "out of reach; the base images are here" if not missing or stand_ins else "out of reach"
    return Check("registry", not missing or stand_ins, found, "inv bases")
