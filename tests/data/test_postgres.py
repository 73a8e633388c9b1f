"""Images of PostgreSQL that cannot read the data, or that sort text by other rules."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.compose.project import Project
from stack.core.console import Failure
from stack.database.server import DATABASE, Server
from stack.deploy.up import up
from tests.support.invoke import inv, refusal


@pytest.fixture(scope="module")
def newer(project: Project) -> Iterator[str]:
    """An image that says of itself that it is PostgreSQL 99."""
    image, name = project.containers()["db"].attrs["Image"], f"{project.name}-newer-postgres"
    dockerfile = f"FROM {project.client.images.get(image).tags[0]}\nENV PG_MAJOR=99\n"
    project.client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=name, rm=True)
    yield name
    project.client.images.remove(name)


@pytest.fixture
def env(project: Project) -> Iterator[Path]:
    """The checkout's `.env`, which is as before after the test."""
    path = project.root / ".env"
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


@pytest.mark.usefixtures("unchanged")
def test_an_image_that_cannot_read_the_data_is_refused(
    project: Project, env: Path, newer: str
) -> None:
    with env.open("a", encoding="utf-8") as stream:
        stream.write(f"\nPOSTGRES_IMAGE={newer}\n")
    said = refusal(inv(project, "prod"))
    assert f"✗ The database of {project.name} was made by PostgreSQL " in said
    assert f"; {newer} is 99.\n  → Type: inv prod.upgrade-database" in said


TEXT = """
CREATE EXTENSION IF NOT EXISTS amcheck;
CREATE TABLE names (name text PRIMARY KEY);
INSERT INTO names VALUES ('B'), ('a'), ('z'), ('ä')
"""

OTHER_ORDER = """
UPDATE pg_database SET datlocprovider = 'i', daticulocale = 'de', datcollversion = '1.1'
WHERE datallowconn
"""

FORMER_ORDER = """
UPDATE pg_database SET datlocprovider = 'c', daticulocale = NULL, datcollversion = NULL
WHERE datallowconn
"""


@pytest.fixture
def other_order(database: Server) -> Iterator[None]:
    """Databases whose indexes are in another order than text now has, as with another C library."""
    database.ask(TEXT, DATABASE)
    database.ask(OTHER_ORDER)
    yield
    database.ask("DROP TABLE names; DROP EXTENSION amcheck", DATABASE)
    database.ask(FORMER_ORDER)
    database.ask(f"REINDEX DATABASE {DATABASE}", DATABASE)


@pytest.mark.usefixtures("other_order")
def test_indexes_are_rebuilt_where_text_has_another_order(
    project: Project, database: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    check = "SELECT bt_index_check('names_pkey')"
    with pytest.raises(Failure, match="psql ended with status"):
        database.ask(check, DATABASE)
    with pytest.raises(Failure, match="REFRESH COLLATION VERSION"):
        database.create("copied", template="template1")
    up(project)
    said = capsys.readouterr().err
    for name in (DATABASE, "postgres", "template1"):
        assert f"Rebuilding the indexes of {name}, as the order of text" in said
    database.ask(check, DATABASE)
    database.create("copied", template="template1")
    database.drop("copied")
    up(project)
    assert "Rebuilding" not in capsys.readouterr().err
