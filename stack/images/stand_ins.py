"""Stand-ins for the official base images, made from Debian packages without a registry.

They have names of the project's own, so that they are not mistaken for the official images.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stack.config import ca_bundle
from stack.config.modes import ROOT
from stack.core import files
from stack.core.console import Failure, say
from stack.core.process import run_quietly
from stack.engine import debian, docker_engine

STAND_INS = {
    "python": "alarm-bases/python:3.13",
    "node": "alarm-bases/node:24",
    "postgres": "alarm-bases/postgres:15",
    "mosquitto": "alarm-bases/mosquitto:2",
}
"""The stand-in for each kind of base image; each kind is a target of docker/bases/Dockerfile."""

DOCKER_FOLDER = ROOT / "docker" / "bases"

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

FROM_THE_ENVIRONMENT = ("PIP_INDEX_URL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

UNWANTED = tuple(f"/usr/share/{folder}/*" for folder in ("man", "info", "locale", "doc"))
"""Files without use in a container. Of the documents, the licences stay."""

NO_SETUID = 'find "$1" -xdev -type f -perm /6000 -exec chmod ug-s {} +'
"""Strips setuid and setgid bits, so that no process can gain another user's rights."""


@dataclass(frozen=True)
class RootFilesystem:
    """How mmdebstrap makes a root file system."""

    suite: str
    packages: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    """Paths that dpkg leaves out, as patterns of dpkg's path-exclude."""

    before: tuple[str, ...] = ()
    """Shell commands that run after the essential packages are installed; `$1` is the folder."""


PYTHON = RootFilesystem("trixie", ("python3", "python3-venv"))

POSTGRES = RootFilesystem(
    "bookworm",
    ("postgresql-15", "tzdata"),
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


def name(kind: str, architecture: str = "") -> str:
    """The name of a kind's stand-in; with an architecture (Debian's name for it), that one's."""
    return STAND_INS[kind] + (f"-{architecture}" if architecture else "")


def build(
    kinds: Iterable[str] = tuple(STAND_INS), *, force: bool = False, architecture: str = ""
) -> None:
    """Build the stand-ins of `kinds` that the engine lacks, or all of those with `force`.

    For another `architecture`, e.g. arm64, the kernel must be able to run its programs. All take
    about two minutes, emulated ones five; Node's is built on Python's. Raises Failure where
    mmdebstrap is missing and cannot be installed, and where packages or the engine cannot be
    reached.
    """
    present = {tag for image in docker_engine.connect().images.list() for tag in image.tags}
    asked = [kind for kind in STAND_INS if kind in kinds]
    for kind in asked:
        if force or name(kind, architecture) not in present:
            _require_mmdebstrap()
            with files.temporary_folder("alarm-bases-") as folder:
                _build_one(kind, folder, architecture)
        else:
            say(f"✓ {name(kind, architecture)} is there", style="dim")


def _build_one(kind: str, context: Path, architecture: str) -> None:
    shutil.copytree(DOCKER_FOLDER, context, dirs_exist_ok=True)
    image = name(kind, architecture)
    if kind in ROOT_FILESYSTEMS:
        run_quietly(
            f"Root file system of {image}",
            mmdebstrap(ROOT_FILESYSTEMS[kind], context / f"{kind}.tar", architecture),
            remedy="See whether this works: apt-get update; then type: inv bases",
        )
    run_quietly(
        f"Image {image}",
        docker_build(kind, context, ca_bundle.ca_bundle(ROOT), architecture),
        remedy="Correct what is said above, then type: inv bases",
        env={"BUILDX_BUILDER": docker_engine.endpoint().builder},
    )


def mmdebstrap(root: RootFilesystem, target: Path, architecture: str = "") -> list[str]:
    """The command that makes the tar file `target` of `root`, from the host's own mirror."""
    host = debian.release()
    on_debian = host is not None and host.distribution == "debian"
    lines = mirrors(host.codename, root.suite, debian.sources()) if host and on_debian else []
    return [
        "mmdebstrap",
        "--variant=minbase",
        *([f"--architectures={architecture}"] if architecture else []),
        f"--include={','.join(root.packages)}",
        *(f"--dpkgopt=path-exclude={path}" for path in (*UNWANTED, *root.unwanted)),
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

    Without lines mmdebstrap takes Debian's default mirror. So it does where the host's entry is
    no web address, e.g. the `mirror+file:` of cloud images: a container lacks the file.
    """
    lines = []
    for pocket in ("", "-updates", "-security"):
        entry = debian.archive(codename + pocket, entries)
        if entry and entry.uri.startswith(("http://", "https://")):
            lines.append(f"deb {entry.uri} {suite}{pocket} main")
        elif not pocket:
            return []
    return lines


def docker_build(
    kind: str, context: Path, bundle: Path | None, architecture: str = ""
) -> list[str]:
    """The command that builds the stand-in of `kind`; `bundle` does not get into the image."""
    return [
        *("docker", "build", "--progress=plain"),
        f"--target={kind}",
        f"--tag={name(kind, architecture)}",
        *([f"--platform=linux/{architecture}"] if architecture else []),
        f"--build-arg=PYTHON_IMAGE={name('python', architecture)}",
        # Without a value: the environment's, if it has one.
        *(f"--build-arg={name}" for name in FROM_THE_ENVIRONMENT),
        *([f"--secret=id=ca-bundle,src={bundle}"] if bundle else []),
        str(context),
    ]


def _require_mmdebstrap() -> None:
    if shutil.which("mmdebstrap") is not None:
        return
    host = debian.release()
    if host is None or not debian.is_root():
        remedy = "Install the package mmdebstrap, or let the engine reach a registry"
        if host:
            remedy = "Type: sudo apt-get install mmdebstrap debian-archive-keyring"
        raise Failure("The stand-ins are made by mmdebstrap, which is not installed.", remedy)
    debian.update()
    debian.install("mmdebstrap", "debian-archive-keyring")
