"""What inv doctor, inv dev and inv prod say of a backend before a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.doctor import backend
from tests.unit.test_adopt import LOCK, PLAIN, app, django

MYSQL = PLAIN.replace("sqlite3", "mysql")
PROJECT = '[project]\ndependencies = ["django>=5", "psycopg"]\nrequires-python = "{}"\n'


def locked(requires: str) -> dict[str, str]:
    files = {name: text for name, text in django().items() if "requirements" not in name}
    return {**files, "backend/uv.lock": LOCK, "backend/pyproject.toml": PROJECT.format(requires)}


def without(file: str) -> dict[str, str]:
    return {name: text for name, text in django().items() if name != file}


MORE = PROJECT.format(">=3.12").replace('"psycopg"', '"Psycopg", "channels"')

PROBLEMS = {
    "backend/ has no manage.py.": without("backend/manage.py"),
    "more than one manage.py: backend/a, backend/b": {
        **django(folder="backend/a/"),
        **django(folder="backend/b/"),
    },
    "in Pipfile.lock": {**without("backend/requirements.txt"), "backend/Pipfile.lock": ""},
    "in no file that the image reads": without("backend/requirements.txt"),
    "uv.lock lacks channels": {**locked(">=3.12"), "backend/pyproject.toml": MORE},
    "needs Python >=3.14; the image python:3.12-slim has 3.12": locked(">=3.14"),
    "is MySQL": django(MYSQL),
}


@pytest.mark.parametrize("said", PROBLEMS)
def test_a_backend_that_cannot_be_built_is_an_error(tmp_path: Path, said: str) -> None:
    app(tmp_path, PROBLEMS[said])
    with pytest.raises(Failure) as refused:
        backend.require(tmp_path, None)
    assert said in refused.value.what
    assert refused.value.remedy


@pytest.mark.parametrize(
    "files",
    [django(), locked(">=3.11"), locked("<4"), {**locked("^3.12"), "backend/tests/manage.py": ""}],
)
def test_a_backend_as_it_should_be_passes(tmp_path: Path, files: dict[str, str]) -> None:
    backend.require(app(tmp_path, files), None)
    assert all(check.ok for check in backend.checks(tmp_path, None))


def test_the_base_image_that_is_set_counts(tmp_path: Path) -> None:
    app(tmp_path, {**locked(">=3.14"), ".env": "PYTHON_IMAGE=python:3.14-slim\n"})
    backend.require(tmp_path, None)


@pytest.mark.parametrize(
    ("wanted", "version", "does"),
    [
        *(("^3.12", "3.12", True), ("^3.12", "3.13", True), ("^3.13", "3.12", False)),
        *(("~3.12", "3.12", True), ("~3.12", "3.13", False), ("~=3.12.1", "3.12", True)),
        *((">=3.10,<3.13", "3.13", False), ("3.12.*", "3.12", True), ("==3.12.*", "3.13", False)),
    ],
)
def test_a_specifier_admits_a_python(wanted: str, version: str, does: bool) -> None:
    assert backend.admits(wanted, version) == does


def test_a_variable_that_is_missing_is_a_hint_until_env_has_it(tmp_path: Path) -> None:
    app(tmp_path, django(PLAIN + 'import os\nKEY = os.environ["STRIPE_KEY"]\n'))
    (hint,) = (check for check in backend.checks(tmp_path, None) if not check.ok)
    assert (hint.is_hint, "STRIPE_KEY" in hint.found) == (True, True)
    (tmp_path / ".env").write_text("STRIPE_KEY=sk\n")
    assert all(check.ok for check in backend.checks(tmp_path, None))


def test_this_checkouts_backend_passes() -> None:
    backend.require(ROOT, None)


def test_a_file_that_names_other_settings_than_the_stack_is_a_hint(tmp_path: Path) -> None:
    assigns = 'os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"\n'
    app(tmp_path, {**django(), "backend/shop/asgi.py": assigns})
    assert all(check.ok for check in backend.checks(tmp_path, None))
    stated = 'settings = "stack_settings"\nasgi = "shop.asgi:application"\n'
    app(tmp_path, {"backend/app.toml": stated, "backend/stack_settings.py": ""})
    hints = [check for check in backend.checks(tmp_path, None) if check.verdict == "hint"]
    assert [hint.found for hint in hints] == [
        "backend/shop/asgi.py replaces DJANGO_SETTINGS_MODULE"
    ]
