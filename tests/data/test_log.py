"""A backup says whether the log is as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.compose.project import Project
from stack.database.server import DATABASE, Server
from tests.support.invoke import inv

UNGUARDED = """
ALTER TABLE alarm_event DISABLE TRIGGER append_only;
{}
ALTER TABLE alarm_event ENABLE TRIGGER append_only
"""


@pytest.fixture
def changed_event(database: Server) -> Iterator[str]:
    """The number of an event whose words the database's owner has changed meanwhile."""
    insert = (
        "INSERT INTO alarm_event (at, kind, cause, from_state, to_state, person_name, sensor_name,"
        " source, detail, sequence, hash)"
        " VALUES (now(), 'login', 'command', '', '', '', '', '', 'Logged in.', 0, '')"
        " RETURNING sequence"
    )
    (number,) = database.ask(insert, DATABASE)
    change = f"UPDATE alarm_event SET detail = detail || '!' WHERE sequence = {number};"
    database.ask(UNGUARDED.format(change), DATABASE)
    yield number
    back = f"UPDATE alarm_event SET detail = rtrim(detail, '!') WHERE sequence = {number};"
    database.ask(UNGUARDED.format(back), DATABASE)


def test_a_backup_says_that_the_log_is_whole(project: Project) -> None:
    done = inv(project, "prod.backup")
    assert done.returncode == 0, done.stderr
    assert "✓ The log is whole: " in done.stderr
    Path(done.stdout.strip()).unlink()


def test_a_backup_of_a_changed_log_is_made_and_fails(project: Project, changed_event: str) -> None:
    done = inv(project, "prod.backup")
    assert done.returncode == 1
    assert f"Event {changed_event} of the log, of " in done.stderr
    assert f"✗ The log of {project.name} is not as it was written." in done.stderr
    Path(done.stdout.strip()).unlink()
