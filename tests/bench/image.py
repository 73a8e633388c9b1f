"""The production image: its size over its base, and the bytes of a push after one changed line."""

from __future__ import annotations

import gzip
import json
import re
import tarfile
import tempfile
from collections.abc import Iterable

from docker.models.images import Image

from stack.images import base_images
from tests.bench import controls
from tests.bench.commands import variables
from tests.bench.rebuild import BACKEND_LINE, build, image_of, layers, one_comment_more
from tests.bench.row import Row, at_most, below
from tests.bench.testbed import Testbed
from tests.bench.timing import seconds

MB = 1e6

NGINX = ("nginx", "libnginx-mod-http-brotli-static")
"""The Debian packages that the image adds to its base, besides their dependencies."""

PACKAGES = (
    "dpkg-query --show --showformat='${Package}\\t${Provides}\\t${Pre-Depends}, ${Depends}\\n'"
)
BYTES_OF = "du -scb --no-dereference {paths} | tail -n1 | cut -f1"


def size(testbed: Testbed) -> list[Row]:
    """Bytes over the base image, and bytes of the parts that are needed."""
    chosen = {c.variable: c.image for c in base_images.choose(testbed.client, testbed.root)}
    base = testbed.client.images.get(chosen["PYTHON_IMAGE"])
    over = (image_of(testbed).attrs["Size"] - base.attrs["Size"]) / MB
    in_base = testbed.client.containers.run(base, ["sh", "-c", PACKAGES], remove=True).decode()
    added = needed_by(NGINX, controls.shell(testbed.app, PACKAGES)) - _listed(in_base)
    files = f"dpkg -L {' '.join(sorted(added))}"
    files += " | while read -r f; do if [ -f $f ]; then echo $f; fi; done"
    parts = BYTES_OF.format(paths="/venv /app/frontend/dist") + f"; ({files}) > /tmp/files; "
    parts += "du -cb --files0-from=<(tr '\\n' '\\0' < /tmp/files) | tail -n1 | cut -f1"
    needed = sum(map(int, controls.shell(testbed.app, parts).split())) / MB
    words = f"venv + dist + Nginx ({len(added)} packages)"
    return [Row("image over its base", "MB", [over], words, [needed], at_most(1.15))]


def needed_by(packages: Iterable[str], listing: str) -> set[str]:
    """These packages and their dependencies, of `listing` as PACKAGES prints it.

    Of alternatives, each one that is installed counts.
    """
    depends: dict[str, set[str]] = {}
    providers: dict[str, set[str]] = {}
    for line in listing.splitlines():
        name, provides, needs = line.split("\t")
        depends[name] = _names(needs)
        for provided in {name, *_names(provides)}:
            providers.setdefault(provided, set()).add(name)
    found: set[str] = set()
    wanted = set(packages)
    while wanted:
        new = {name for each in wanted for name in providers.get(each, ())} - found
        found |= new
        wanted = {each for name in new for each in depends[name]}
    return found


def _listed(listing: str) -> set[str]:
    return {line.split("\t")[0] for line in listing.splitlines()}


def _names(relations: str) -> set[str]:
    """The packages of a field such as `libc6 (>= 2.36), a | b`. Source: deb-control(5)."""
    words = (relation.split("(")[0].split(":")[0] for relation in re.split("[,|]", relations))
    return set(filter(None, map(str.strip, words)))


def pushed(testbed: Testbed) -> list[Row]:
    """Compressed bytes of the layers that a one-line backend change makes new."""
    env = variables(testbed.project)
    seconds(testbed.project.command("build", "app"), testbed.root, env)  # cached
    before = layers(testbed)
    build(testbed, BACKEND_LINE, one_comment_more)
    after = layers(testbed)
    new = [number for number, layer in enumerate(after) if layer not in before]
    sent = sum(_compressed(image_of(testbed), new)) / MB
    note = f"{len(new)} of {len(after)} layers"
    return [Row("pushed after one backend line", "MB", [sent], budget=below(1, "MB"), note=note)]


def _compressed(image: Image, numbers: list[int]) -> list[int]:
    """The compressed sizes of these layers."""
    with tempfile.TemporaryFile() as saved:
        for chunk in image.save():
            saved.write(chunk)
        saved.seek(0)
        with tarfile.open(fileobj=saved) as archive:
            listing = archive.extractfile("manifest.json")
            assert listing is not None
            names = json.load(listing)[0]["Layers"]
            layers = [archive.extractfile(names[number]) for number in numbers]
            return [len(gzip.compress(layer.read())) for layer in layers if layer is not None]
