"""Stand-ins that are tagged and built like the official base images, from Debian's packages.

On this machine they have names of their own. Only a nested engine knows them by the official names.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.engines import project

HERE = Path(__file__).parent
PREFIX = "alarm-engines/official-"

_LIBRARIES = ("libssl3", "libffi8", "libsqlite3-0", "libbz2-1.0", "liblzma5", "libreadline8")
PACKAGES = {
    "debian": ("ca-certificates", "netbase", "tzdata", *_LIBRARIES, "libncursesw6", "libuuid1"),
    "postgres": ("postgresql-15", "gosu", "locales", "less", "libnss-wrapper", "zstd"),
    "mosquitto": ("mosquitto", "mosquitto-clients", "busybox"),
}
"""What the root file systems hold, beside Debian's minimum."""

UNWANTED = ("test", "tests", "idle_test", "site-packages", "__pycache__", "*.a")
"""Names in Python's folders that the official image lacks, or that are made anew."""


def image(kind: str, suite: str) -> str:
    """This machine's name for the stand-in of a kind ("python"), in Debian's `suite`."""
    recipe = hashlib.sha256(repr((PACKAGES, UNWANTED)).encode())
    for path in (HERE / "Dockerfile", *sorted(HERE.glob("*-entrypoint"))):
        recipe.update(path.read_bytes())
    return f"{PREFIX}{kind}:{suite}-{recipe.hexdigest()[:12]}"


def build(suite: str) -> None:
    """Build the stand-ins of `suite` that this machine's engine lacks.

    Raises Failure where no Python 3.12 is at hand that can be copied to /usr/local.
    """
    listing = ("docker", "images", "--format", "{{.Repository}}:{{.Tag}}")
    present = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
    missing = [kind for kind in project.OFFICIAL if image(kind, suite) not in present]
    if not missing:
        return
    with (
        project.step(f"Building stand-ins of the official images, {suite}"),
        tempfile.TemporaryDirectory(prefix="alarm-official-") as folder,
    ):
        context = Path(folder)
        shutil.copytree(HERE, context, dirs_exist_ok=True)
        _pack_python(context / "python.tar")
        for name, packages in PACKAGES.items():
            make = project.root_filesystem(
                suite,
                packages,
                context / f"{name}.tar",
                before=project.USERS.get(name, ()),
                # PostgreSQL 15 is in bookworm only.
                also="bookworm" if name == "postgres" and suite != "bookworm" else None,
            )
            subprocess.run(make, check=True, capture_output=True)
        node = f"--build-arg=NODE_IMAGE={project.BASE_IMAGES['node']}"
        for kind in missing:
            tag = f"--tag={image(kind, suite)}"
            build_one = ("docker", "build", "--quiet", node, f"--target={kind}", tag, folder)
            subprocess.run(build_one, check=True, capture_output=True)


def _pack_python(target: Path) -> None:
    """Pack a Python 3.12 that has a prefix of its own, e.g. pyenv's, for /usr/local.

    Its scripts name the old prefix in their first lines, so only the interpreter is taken.
    """
    ask = ("python3.12", "-c", "import sys; print(sys.base_prefix)")
    try:
        prefix = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        prefix = "/usr"
    if prefix == "/usr":
        raise project.Failure(
            "The official Python image's stand-in needs a Python 3.12 outside of /usr.",
            "Type: pyenv install 3.12   (or leave it out: nox -s engines -- --only newest)",
        )
    excluded = [f"--exclude={name}" for name in UNWANTED]
    names = ("bin/python", "bin/python3", "bin/python3.12", "lib")
    pack = ("tar", "--create", f"--file={target}", f"--directory={prefix}", *excluded, *names)
    subprocess.run(pack, check=True)
