"""Stand-ins for the official base images, made from Debian packages without a registry.

They have names of the project's own, so that none is mistaken for the official image.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stack.config import ca_bundle
from stack.config.modes import ROOT
from stack.core.console import Failure, say
from stack.core.process import run_quietly
from stack.engine import debian, docker_engine

STAND_INS = {
    "python": "alarm-bases/python:3.13",
    "node": "alarm-bases/node:24",
    "postgres": "alarm-bases/postgres:15",
    "mosquitto": "alarm-bases/mosquitto:2",
}
"""The stand-in for each kind of base image; each kind is a target of RECIPES' Dockerfile."""

RECIPES = ROOT / "docker" / "bases"

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

FROM_THE_ENVIRONMENT = ("PIP_INDEX_URL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

UNWANTED = (
    "/usr/share/man/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/doc/*",
)
"""Files without use in a container. Of the documents, the licences stay."""


@dataclass(frozen=True)
class RootFilesystem:
    """What mmdebstrap makes a root file system of."""

    suite: str
    packages: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    """Paths that dpkg leaves out, as patterns of dpkg's path-exclude."""

    before: tuple[str, ...] = ()
    """Shell commands that run once the essential packages are there; `$1` is the folder."""


PYTHON = RootFilesystem("trixie", ("python3", "python3-venv"))

POSTGRES = RootFilesystem(
    "bookworm",
    ("postgresql-15", "libnss-wrapper", "tzdata"),
    # Without LLVM, PostgreSQL plans its queries as with `jit = off`; it is half of its size.
    unwanted=(
        "/usr/lib/*/libLLVM*",
        "/usr/lib/*/libz3*",
        "/usr/lib/postgresql/*/lib/bitcode/*",
        "/usr/lib/postgresql/*/lib/llvmjit*",
        "/usr/share/i18n/*",
    ),
    # The user's number is the official image's, so that either image can use the other's volume.
    before=(
        'groupadd --root "$1" --system --gid 999 postgres',
        'useradd --root "$1" --system --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres',
        'mkdir -p "$1/etc/postgresql-common"',
        'echo create_main_cluster = false > "$1/etc/postgresql-common/createcluster.conf"',
    ),
)

MOSQUITTO = RootFilesystem(
    "trixie",
    ("mosquitto", "mosquitto-clients"),
    # The user's number is the official image's, which compose/ names.
    before=(
        'groupadd --root "$1" --system --gid 1883 mosquitto',
        'useradd --root "$1" --system --uid 1883 --gid 1883 --home-dir /var/empty mosquitto',
    ),
)

ROOT_FILESYSTEMS = {"python": PYTHON, "postgres": POSTGRES, "mosquitto": MOSQUITTO}

NO_SETUID = 'find "$1" -xdev -type f -perm /6000 -exec chmod ug-s {} +'
"""Nothing in these images changes its user by running a program such as `su`."""


def stand_in(kind: str, architecture: str = "") -> str:
    """The name of a kind's stand-in; with an architecture (Debian's name for it), that one's."""
    return STAND_INS[kind] + (f"-{architecture}" if architecture else "")


def build(
    kinds: Iterable[str] = tuple(STAND_INS), *, force: bool = False, architecture: str = ""
) -> None:
    """Build the stand-ins of `kinds` that the engine lacks, or all of those with `force`.

    For another `architecture`, e.g. arm64, the kernel has to run its programs already. All take
    about two minutes, emulated ones five; Node's is built on Python's. Raises Failure where
    mmdebstrap is missing and cannot be installed, and where packages or the engine cannot be
    reached; an image is then there whole or not at all.
    """
    present = {tag for image in docker_engine.connect().images.list() for tag in image.tags}
    asked = [kind for kind in STAND_INS if kind in kinds]
    wanted = [kind for kind in asked if force or stand_in(kind, architecture) not in present]
    for kind in (kind for kind in asked if kind not in wanted):
        say(f"✓ {stand_in(kind, architecture)} is there", style="dim")
    if wanted:
        _have_mmdebstrap()
    for kind in wanted:
        with tempfile.TemporaryDirectory(prefix="alarm-bases-") as folder:
            context = Path(folder)
            shutil.copytree(RECIPES, context, dirs_exist_ok=True)
            _build_one(kind, context, architecture)


def _build_one(kind: str, context: Path, architecture: str) -> None:
    image = stand_in(kind, architecture)
    if kind in ROOT_FILESYSTEMS:
        run_quietly(
            f"Root file system of {image}",
            mmdebstrap(ROOT_FILESYSTEMS[kind], context / f"{kind}.tar", architecture),
            remedy="See whether this works: apt-get update; then type: inv bases",
        )
    run_quietly(
        f"Image {image}",
        docker_build(kind, context, ca_bundle.ca_bundle(ROOT), architecture),
        remedy="Mend what is said above, then type: inv bases",
        env={"BUILDX_BUILDER": docker_engine.builder()},
    )


def mmdebstrap(root: RootFilesystem, target: Path, architecture: str = "") -> list[str]:
    """The command that makes the tar file `target` of `root`, from the host's own mirror."""
    without = [f"--dpkgopt=path-exclude={path}" for path in (*UNWANTED, *root.unwanted)]
    host = debian.release()
    on_debian = host is not None and host.distribution == "debian"
    lines = mirrors(host.codename, root.suite, debian.sources()) if host and on_debian else []
    return [
        "mmdebstrap",
        "--variant=minbase",
        *([f"--architectures={architecture}"] if architecture else []),
        f"--include={','.join(root.packages)}",
        *without,
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        *([f"--essential-hook={' && '.join(root.before)}"] if root.before else []),
        f"--customize-hook={NO_SETUID}",
        *([] if on_debian else [f"--keyring={KEYRING}"]),
        root.suite,
        str(target),
        *lines,
    ]


def mirrors(codename: str, suite: str, entries: list[debian.Source]) -> list[str]:
    """The lines of sources.list(5) for `suite`, from the mirrors that the host `codename` uses.

    Without lines mmdebstrap takes Debian's default mirror. That is so, too, where the host's
    entry is not a web address, e.g. the `mirror+file:` of cloud images: a container lacks the file.
    """
    found = {
        pocket: debian.archive(codename + pocket, entries)
        for pocket in ("", "-updates", "-security")
    }
    lines = {
        pocket: f"deb {entry.uris[0]} {suite}{pocket} main"
        for pocket, entry in found.items()
        if entry is not None and entry.uris[0].startswith(("http://", "https://"))
    }
    return list(lines.values()) if "" in lines else []


def docker_build(
    kind: str, context: Path, bundle: Path | None, architecture: str = ""
) -> list[str]:
    """The command that builds the stand-in of `kind`; `bundle` is seen by its build only."""
    return [
        "docker",
        "build",
        "--progress=plain",
        f"--target={kind}",
        f"--tag={stand_in(kind, architecture)}",
        *([f"--platform=linux/{architecture}"] if architecture else []),
        f"--build-arg=PYTHON_IMAGE={stand_in('python', architecture)}",
        # Without a value: the environment's, if it has one.
        *(f"--build-arg={name}" for name in FROM_THE_ENVIRONMENT),
        *([f"--secret=id=ca-bundle,src={bundle}"] if bundle else []),
        str(context),
    ]


def _have_mmdebstrap() -> None:
    if shutil.which("mmdebstrap") is not None:
        return
    if debian.release() is None:
        raise Failure(
            "The stand-ins are made by mmdebstrap, which is not installed.",
            "Install the package mmdebstrap, or let the engine reach a registry",
        )
    if not debian.is_root():
        raise Failure(
            "The stand-ins are made by mmdebstrap, which is not installed.",
            "Type: sudo apt-get install mmdebstrap debian-archive-keyring",
        )
    debian.update()
    debian.install("mmdebstrap", "debian-archive-keyring")
