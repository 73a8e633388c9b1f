"""A stack's data, as the verbs `.backup` and `.restore` ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stack.backup import create, log_check, store
from stack.backup import restore as restore_
from stack.compose.project import Project
from stack.core import signals
from stack.database.promote import App


@dataclass(frozen=True)
class Data:
    """The data of a project that Docker Compose runs. A cluster's are in stack/cluster/data.py."""

    project: Project

    @property
    def app(self) -> App | None:
        """What serves with the data, where that is not the project's own container."""
        return None

    def check_log(self) -> None:
        """Let the app read its log. Raises Failure where that is not as it was written."""
        log_check.check(self.project)

    def backup(self, to: str, keep: int | None) -> None:
        """Write a checked backup, print its path, remove old ones beyond `keep`, check the log."""
        where = store.chosen(self.project, to)
        with store.lock(self.project):
            path = create.create_backup(self.project, where)
            with signals.uninterruptible():
                print(path)
                if keep:
                    store.prune(where, self.project, keep)
            self.check_log()

    def restore(self, file: str, *, agree: Callable[[str], None], keep_old: bool) -> None:
        """Put a backup into service; the old data serve until the new ones are whole."""
        restore_.restore(self.project, file, agree=agree, keep_old=keep_old, app=self.app)
