"""Backups and restores of a cluster, with the code that production has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from stack.backup import create, log_check, store
from stack.backup import restore as restore_
from stack.cluster import converge, deploy, service
from stack.cluster import exec as exec_
from stack.cluster.cluster import Cluster
from stack.cluster.deploy import APP, APP_ONLY
from stack.core import signals
from stack.core.console import step
from stack.core.polling import wait_until

SECONDS_TO_STOP = 60


@dataclass
class Replicas:
    """The app's replicas, as what serves with the database."""

    cluster: Cluster
    number: int = field(init=False)
    """How many run."""

    def __post_init__(self) -> None:
        self.number = deploy.running_numbers(self.cluster).get(APP, 0)

    def runs(self) -> bool:
        """Whether there are any."""
        return self.number > 0

    def stop(self) -> None:
        """Stop all of them."""
        service.set_number(self.cluster, 0)
        with step("Stopping the app on all nodes"):
            wait_until(
                "no replica",
                lambda: not self.cluster.replicas(APP),
                seconds=SECONDS_TO_STOP,
                every=0.3,
            )

    def start(self) -> None:
        """Start as many as before. Raises Failure where they are not ready."""
        since = datetime.now(UTC)
        service.set_number(self.cluster, self.number)
        converge.wait(self.cluster, since=since, title="Starting the app again", only=APP_ONLY)


def backup(cluster: Cluster, to: str, keep: int | None) -> Path:
    """Write a checked backup, remove old ones beyond `keep`, and check the log."""
    project = exec_.beside(cluster)
    where = store.chosen(project, to)
    with store.lock(project):
        path = create.create_backup(project, where)
        with signals.uninterruptible():
            print(path)
            if keep:
                store.prune(where, project, keep)

    def ask(*command: str) -> tuple[int, str]:
        asked = exec_.ask(cluster, *command)
        return asked.returncode, asked.stdout + asked.stderr

    log_check.check_by(ask, project)
    return path


def restore(cluster: Cluster, file: str, *, agree: Callable[[str], None], keep_old: bool) -> None:
    """Put a backup into service on all nodes; the old data serve until the new ones are whole."""
    project, replicas = exec_.beside(cluster), Replicas(cluster)
    restore_.restore(project, file, agree=agree, keep_old=keep_old, app=replicas)
