"""A second stack whose database has a small disk, and whose clock can be set.

No test may touch the machine's clock. libfaketime stands between the programs of both containers
and their C library, and adds to the wall clock what a file says. The monotonic clock is left alone,
as it is when somebody sets the real one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from docker import DockerClient

from stack.compose import lifecycle, ports
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.deploy.up import up

DISK = 160 * 2**20
"""Bytes. An empty database takes some 60 MiB of it."""

LIBRARY = "libfaketime/vendor/libfaketime/src/libfaketime.so.1"
"""In its wheel, which has it for x86-64 alone."""

# The library comes by /etc/ld.so.preload: images clear the variable. PostgreSQL's user is itself
# from the start, because the library's semaphore is of whoever was first. A disk in memory is empty
# again once nobody has it mounted, so a container besides keeps it while the database restarts.
OVERLAY = """\
x-clock: &clock
  FAKETIME_TIMESTAMP_FILE: /faketime/clock
  FAKETIME_CACHE_DURATION: "1"
  FAKETIME_DONT_FAKE_MONOTONIC: "1"
x-mounts:
  - &faketime {{type: bind, source: "{folder}", target: /faketime, read_only: true}}
  - &preload {{type: bind, source: "{folder}/preload", target: /etc/ld.so.preload, read_only: true}}
services:
  app:
    environment: *clock
    volumes: [*faketime, *preload]
  db:
    environment: *clock
    user: "{user}"
    volumes: [*faketime, *preload]
  disk:
    image: {image}
    entrypoint: [sleep, infinity]
    init: true
    network_mode: none
    volumes: [db_data:/disk]
    healthcheck: {{test: [CMD, "true"], start_period: 30s, start_interval: 300ms}}
volumes:
  db_data:
    driver_opts: {{type: tmpfs, device: tmpfs, o: "size={disk},uid={uid},gid={gid},mode=0700"}}
"""


@dataclass(frozen=True)
class Brittle:
    project: Project
    clock: Path

    def set_clock(self, seconds: int) -> None:
        """Set the clock of both containers to the real one and so many seconds."""
        self.clock.write_text(f"{seconds:+d}", encoding="ascii")


@contextmanager
def running(of: Project, folder: Path, client: DockerClient) -> Iterator[Brittle]:
    """Another stack from the checkout of `of`; `folder` is for what it is made of."""
    library = Path(str(distribution("libfaketime").locate_file(LIBRARY)))
    (folder / library.name).write_bytes(library.read_bytes())
    (folder / "preload").write_text(f"/faketime/{library.name}\n", encoding="ascii")
    db = of.containers()["db"]
    image = db.attrs["Config"]["Image"]
    uid, gid = (
        db.exec_run(["id", option, "postgres"]).output.decode().strip() for option in ("-u", "-g")
    )
    overlay = folder / "brittle.yml"
    overlay.write_text(
        OVERLAY.format(folder=folder, image=image, disk=DISK, uid=uid, gid=gid, user=f"{uid}:{gid}")
    )
    project = Project(PROD, f"{of.name}-brittle", ports.free_port(), of.root, overlay=str(overlay))
    made = Brittle(project, folder / "clock")
    made.set_clock(0)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        up(project)
        yield made
    finally:
        lifecycle.down(project, volumes=True, images_too=True)
