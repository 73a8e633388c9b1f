"""The production image: what it has over its base, and what a push sends after one changed line."""

from __future__ import annotations

import gzip
import json
import tarfile
import tempfile

from docker.models.images import Image

from stack import images
from tests.bench import beside
from tests.bench.commands import variables
from tests.bench.rebuild import BACKEND_LINE, build
from tests.bench.row import Row, at_most, below
from tests.bench.stand import Stand
from tests.bench.timed import seconds

MB = 1e6

PACKAGES = "dpkg-query --show --showformat='${Package}\\n' | sort"
BYTES_OF = "du -scb --no-dereference {paths} | tail -n1 | cut -f1"


def size(stand: Stand) -> list[Row]:
    """Bytes over the base image, and bytes of what they are for."""
    chosen = {c.variable: c.image for c in images.choose(stand.client, stand.root)}
    base = stand.client.images.get(chosen["PYTHON_IMAGE"])
    over = (_image(stand).attrs["Size"] - base.attrs["Size"]) / MB
    in_base = stand.client.containers.run(base, ["sh", "-c", PACKAGES], remove=True).decode()
    added = set(beside.shell(stand.app, PACKAGES).split()) - set(in_base.split())
    files = f"dpkg -L {' '.join(sorted(added))}"
    files += " | while read -r f; do if [ -f $f ]; then echo $f; fi; done"
    parts = BYTES_OF.format(paths="/venv /app/frontend/dist") + f"; ({files}) > /tmp/files; "
    parts += "du -cb --files0-from=<(tr '\\n' '\\0' < /tmp/files) | tail -n1 | cut -f1"
    needed = sum(map(int, beside.shell(stand.app, parts).split())) / MB
    words = f"venv + dist + Nginx ({len(added)} packages)"
    return [Row("image over its base", "MB", [over], words, [needed], at_most(1.15))]


def pushed(stand: Stand) -> list[Row]:
    """Compressed bytes of the layers that a one-line backend change makes new."""
    env = variables(stand.stack, stand.client)
    seconds(stand.stack.compose("build", "app"), stand.root, env)  # cached
    before = _image(stand).attrs["RootFS"]["Layers"]
    build(stand, BACKEND_LINE, "# pushed {number}")
    image = _image(stand)
    after = image.attrs["RootFS"]["Layers"]
    new = [number for number, layer in enumerate(after) if layer not in before]
    sent = sum(_compressed(image, new)) / MB
    note = f"{len(new)} of {len(after)} layers"
    return [Row("pushed after one backend line", "MB", [sent], budget=below(1, "MB"), note=note)]


def _image(stand: Stand) -> Image:
    """The newest image of the stack's app, whether or not the container has it."""
    return stand.client.images.get(f"{stand.stack.project}-app")


def _compressed(image: Image, numbers: list[int]) -> list[int]:
    """Bytes of these layers as a registry gets them."""
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
