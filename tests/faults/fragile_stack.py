"""A second stack whose database has a small disk, and whose clock can be set.

The machine's clock must not change. libfaketime intercepts the C library's clock functions in both
containers and adds the offset in a file to the wall clock. The monotonic clock does not change, as
after a change of the real clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from docker import DockerClient

from stack.compose import ports
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.deploy.up import up
from tests.support import own_stack
from tests.support.containers import output_of

DISK = 160 * 2**20
"""Bytes. An empty database takes some 60 MiB of it."""

LIBRARY = "libfaketime/vendor/libfaketime/src/libfaketime.so.1"
"""The path in its wheel, which is for x86-64 only."""

# /etc/ld.so.preload loads the library, because the images clear LD_PRELOAD. The container starts as
# PostgreSQL's user, because the first process owns the library's semaphore. A tmpfs loses its files
# when no container mounts it, so a second container keeps it while the database restarts.
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
class FragileStack:
    project: Project
    clock: Path

    def set_clock(self, seconds: int) -> None:
        """Set the clock of both containers this many seconds ahead of the real one."""
        self.clock.write_text(f"{seconds:+d}", encoding="ascii")


@contextmanager
def running(of: Project, folder: Path, client: DockerClient) -> Iterator[FragileStack]:
    """Another stack from the checkout of `of`; `folder` is for its files."""
    library = Path(str(distribution("libfaketime").locate_file(LIBRARY)))
    (folder / library.name).write_bytes(library.read_bytes())
    (folder / "preload").write_text(f"/faketime/{library.name}\n", encoding="ascii")
    db = of.containers()["db"]
    image = db.attrs["Config"]["Image"]
    uid, gid = (output_of(db, "id", option, "postgres").strip() for option in ("-u", "-g"))
    overlay = folder / "fragile.yml"
    overlay.write_text(
        OVERLAY.format(folder=folder, image=image, disk=DISK, uid=uid, gid=gid, user=f"{uid}:{gid}")
    )
    project = Project(PROD, f"{of.name}-fragile", ports.free_port(), of.root, overlay=str(overlay))
    made = FragileStack(project, folder / "clock")
    made.set_clock(0)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    try:
        up(project)
        yield made
    finally:
        own_stack.remove(project)
