"""`inv cluster.adopt`: what `inv prod` has moves into a cluster on the same machine, or all stays.

The cluster's database is rehearsed with a backup while production serves. Then production stops,
and what it has at that moment moves. Production is kept, stopped, to go back to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from stack.backup import archive, create, restore, store
from stack.backup.restore import Restore
from stack.cluster import adoptable, converge, data, deploy, report, swarm, visit
from stack.cluster import up as up_
from stack.cluster.cluster import Cluster
from stack.cluster.deploy import Deployment
from stack.cluster.stack_file import Config
from stack.compose import checkout, health
from stack.compose.project import Project
from stack.config import version
from stack.config.modes import PROD, ROOT
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.polling import NeverHappened, wait_until
from stack.core.rollback import Undo, report_interrupt_after_commit, rollback
from stack.database import client
from stack.database.server import Server

if TYPE_CHECKING:
    from docker.models.containers import Container

AGAIN = "inv cluster.adopt"
DATABASE = "db"
SECONDS_TO_STOP, SECONDS_TO_START = 6, 24
"""What production and the cluster take on a machine of middle speed, for the estimate."""
SECONDS_TO_LEAVE = 5
"""How long sessions of programs that have ended may still be seen."""

WRITERS = """SELECT DISTINCT coalesce(nullif(application_name, ''), 'A program')
FROM pg_stat_activity
WHERE datname = '{name}' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""


def adopt(
    root: Path = ROOT,
    choices: up_.Choices | None = None,
    *,
    agree: Callable[[str], None],
    may_be_verified: Callable[[], bool],
    verified: Callable[[], bool],
) -> Cluster:
    """Move production of this checkout into its cluster. Raises Failure, with all as before.

    `agree` is told how long the panel will be away, and raises to refuse. `may_be_verified` says
    whether production can be checked now, and `verified` whether the cluster works.
    """
    cluster = up_.startable(root)
    production = checkout.of_checkout(root, PROD, cluster.project.port)
    adoptable.require(production, cluster)
    if not may_be_verified():
        raise Failure(
            "The smoke checks cannot be made now, so the move could not be verified.",
            f"What they say is above; correct it, then: {AGAIN}",
        )
    undo = Undo()
    move = Move(production, cluster, choices or up_.Choices(), agree, verified, undo)
    with (
        store.lock(production),
        store.lock(cluster.project),
        report_interrupt_after_commit(undo, "the move", "See: inv cluster.status"),
    ):
        move.tell_plan()
        with rollback("The move failed", undo):
            for name in Move.STEPS:
                getattr(move, name)()
        move.tell_result()
    return cluster


@dataclass
class Move:
    """One run; the steps are done in the order of STEPS, and the caller rolls back."""

    STEPS: ClassVar[tuple[str, ...]] = (
        *("begin", "rehearse", "stop_production", "fill", "start", "verify", "finish"),
    )

    production: Project
    cluster: Cluster
    choices: up_.Choices
    agree: Callable[[str], None]
    verified: Callable[[], bool]
    undo: Undo
    deployment: Deployment = field(init=False)
    made: Config = field(init=False)
    """The file for Swarm."""
    seconds: float = 0
    """What backup, filling and migrations took in the rehearsal."""
    unavailable_since: float = 0
    stopped: list[Container] = field(default_factory=list)
    at: str = ""
    """When production stopped, for people."""

    def tell_plan(self) -> None:
        """Say what will happen, before anything does."""
        size = adoptable.database_bytes(self.production)
        say(f"{self.production.name} moves into {self.cluster.name}, on this machine:")
        say("  1. The cluster's database starts, and is rehearsed with a backup of production.")
        say(f"     Production goes on meanwhile, with {archive.human(size)} of data.")
        say("  2. You are asked. Then production stops, and its last data move.")
        say(f"     The panel is away for about {gap(estimated(size)):.0f} s: the rehearsal tells.")
        say("  3. Replicas start at production's port, and the smoke checks are made.")
        say("  If any of it fails or is interrupted, production goes on as before.")

    def begin(self) -> None:
        """Let the cluster's database run, beside production."""
        self.undo.callback(
            _remove, self.cluster, made_swarm=not swarm.is_member(self.cluster.client)
        )
        self.deployment = up_.begin(self.cluster)
        self.made = up_.start_database(self.deployment, self.choices)

    def rehearse(self) -> None:
        """Fill a copy, and let the new version migrate it, while production serves."""
        started = time.monotonic()
        path = create.create_backup(self.production, store.default(self.production))
        with archive.opened(path) as backup:
            files = backup.member(archive.MEDIA)
            number = adoptable.bytes_needed(
                backup.manifest.database_bytes, files.size if files else 0
            )
            restore.require_bytes(Server(self.production), number)
            restore.require_fitting(self.deployment.project, self._database, backup)
        up_.rehearse(self.deployment, path)
        self.seconds = time.monotonic() - started
        self.agree(f"The panel will not answer for about {gap(self.seconds):.0f} s.")

    def stop_production(self) -> None:
        """Let nothing write to production's database any more; the database itself goes on."""
        self.undo.callback(self._start_production)
        self.unavailable_since = time.monotonic()
        self.at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        found = self.production.containers()
        with step("Stopping production"):
            for name in sorted(found.keys() - {DATABASE}):
                if found[name].status == "running":
                    self.stopped.append(found[name])
                    found[name].stop()
        self._require_no_writer()

    def _start_production(self) -> None:
        """Start what was stopped of production, as it was."""
        with step("Starting production again"):
            for container in self.stopped:
                # After Ctrl-C the engine may still be stopping it, and would not start it then.
                container.stop()
                container.start()
            health.wait_until_ready(self.production)
        if self.stopped:
            say(f"The panel did not answer for {self._seconds_away:.1f} s.")

    @property
    def _seconds_away(self) -> float:
        return time.monotonic() - self.unavailable_since

    def _require_no_writer(self) -> None:
        """Raise Failure where a program could still write what the last backup would not have."""
        server = Server(self.production)
        sql, found = WRITERS.format(name=server.name), list[str]()

        def alone() -> bool:
            found[:] = server.ask(sql)
            return not found

        try:
            wait_until("a database without clients", alone, seconds=SECONDS_TO_LEAVE)
        except NeverHappened as error:
            raise Failure(
                f"{found[0]} is connected to production's database, and could write.",
                f"End it (inv prod.db, inv prod.manage in another terminal), then: {AGAIN}",
            ) from error

    def fill(self) -> None:
        """Give the cluster what production has now: database, uploaded files, other volumes."""
        path = create.create_backup(self.production, store.default(self.production))
        project = self.deployment.project
        with archive.opened(path) as backup:
            # Not undone by itself: the whole cluster is removed.
            app = data.Replicas(self.cluster)
            moved = Restore(project, self._database, Undo(), False, app, backup)
            for do in (moved.fill, moved.migrate, moved.put_files_beside, moved.promote):
                do()
            moved.replace_files()
            self._database.drop(moved.before)
        adoptable.copy_volumes(self.production, self.cluster)

    def start(self) -> None:
        """Let the replicas serve at production's port."""
        # Production needs the ports before the rest is removed.
        self.undo.callback(up_.stop, self.cluster)
        since = datetime.now(UTC)
        deploy.hand_over(self.deployment, self.made, prune=True)
        converge.wait(self.cluster, since=since)
        say(f"The panel did not answer for {self._seconds_away:.1f} s.")

    def verify(self) -> None:
        """Make the smoke checks through the port."""
        if not self.verified():
            raise Failure(
                "The cluster does not pass the smoke checks.",
                f"What they found is above; correct it, then: {AGAIN}",
            )

    def finish(self) -> None:
        """Keep the cluster, and production as it was when it stopped."""
        with signals.uninterruptible():
            self.undo.commit()
            remedy = "See what still runs: docker ps   (the cluster serves)"
            self.production.run("Stopping production's database", "stop", remedy=remedy)

    @property
    def other_revision(self) -> str:
        """What git calls the version that production ran; empty where it is the checkout's."""
        labels = self.production.containers()["app"].labels
        found = str(labels.get("org.opencontainers.image.revision", "unknown"))
        before, now = (
            name.removesuffix("-dirty") for name in (found, version.revision(self.production.root))
        )
        return "" if before in {now, "unknown"} else before

    @property
    def _database(self) -> Server:
        """The cluster's."""
        return Server(self.deployment.project)

    def tell_result(self) -> None:
        """Say what runs, how to go back, and what to remove in the end."""
        report.show(self.cluster)
        visit.tell(self.cluster)
        say(f"✓ {self.cluster.name} has what {self.production.name} had.", "bold green")
        say(f"{self.production.name} is stopped and kept, as it was at {self.at}.")
        say("What makes a backup every night has to type inv cluster.backup from now on.")
        say("To go back to that:      inv cluster.down && inv prod")
        if before := self.other_revision:
            say(f"  with its version, before inv prod: git checkout {before}")
        say("  with what came since:  inv cluster.backup && inv cluster.down && inv prod &&")
        say("                         inv prod.restore FILE   (the backup's name)")
        say("To remove it for good:   inv prod.reset")


def gap(seconds: float) -> float:
    """How long the panel is away, where backup, filling and migrations take `seconds`."""
    return SECONDS_TO_STOP + seconds + SECONDS_TO_START


def estimated(size: int) -> float:
    """The seconds that backup, filling and migrations of `size` bytes take, before it is known."""
    return 8 + size / (10 * 1024**2)


def _remove(cluster: Cluster, *, made_swarm: bool) -> None:
    """Remove the cluster with its data, which this run has made.

    The engine stays in the swarm: leaving one takes the names from all containers that run, also
    production's `db` (https://github.com/moby/moby/issues/45144).
    """
    if not swarm.is_member(cluster.client):
        return
    client.close(cluster.project)
    up_.down(cluster, data=True)
    swarm.unlabel_data_node(cluster)
    if made_swarm:
        say("The engine is the only node of a swarm now, which is empty and does nothing.")
