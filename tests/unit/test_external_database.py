"""The settings of an external database: what is read from them, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stack.compose.project import Project
from stack.config import external_database, secrets
from stack.config.modes import DEV, PROD, ROOT
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core.console import Failure
from tests.support.composed import composed

sys.path.append(str(ROOT / "docker" / "common" / "bin"))
import database_refusals  # type: ignore[import-not-found]  # of containers

ADDRESS = "postgresql://keeper@db1.lan,db2.lan:6000/panel"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    secrets.replace(tmp_path, POSTGRES_PASSWORD, "in-its-own-file")
    return tmp_path


def written(root: Path, **settings: str) -> Path:
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    (root / ".env").write_text(text, encoding="utf-8")
    return root


def file(root: Path, name: str, content: str, mode: int = 0o444) -> str:
    path = root / ".secrets" / name
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    return f".secrets/{name}"


def test_production_alone_uses_it(checkout: Path) -> None:
    written(checkout, DATABASE_URL=ADDRESS)
    assert Project(PROD, "house-prod", 1, checkout).is_external
    assert not Project(DEV, "house-dev", 1, checkout).is_external
    written(checkout, DATABASE_URL="")
    assert not Project(PROD, "house-prod", 1, checkout).is_external


def test_the_password_is_in_its_own_file_or_in_the_file_of_the_address(checkout: Path) -> None:
    found = external_database.of(written(checkout, DATABASE_URL=ADDRESS))
    assert found
    assert (found.name, found.role) == ("panel", "keeper")
    assert found.parameters["password"] == "in-its-own-file"
    assert found.parameters["target_session_attrs"] == "read-write"
    assert not found.has_own_password
    assert not found.verifies
    path = file(checkout, "database_url", ADDRESS.replace("@", ":in%20it@"))
    authority = file(checkout, "ca.pem", "-----BEGIN CERTIFICATE-----")
    found = external_database.of(written(checkout, DATABASE_URL_FILE=path, DATABASE_CA=authority))
    assert found
    assert found.has_own_password
    assert found.verifies
    lines = found.service_file().splitlines()
    assert lines[0] == "[panel]"
    assert {"password=in it", "host=db1.lan,db2.lan", "port=,6000"} <= set(lines)
    assert "sslrootcert=/run/secrets/database_ca" in lines


def test_programs_use_the_direct_address(checkout: Path) -> None:
    direct = "postgresql://keeper@server.lan/panel"
    found = external_database.of(
        written(checkout, DATABASE_URL=ADDRESS, DATABASE_DIRECT_URL=direct)
    )
    assert found
    assert found.hosts == ["server.lan"]


def test_what_no_stack_can_start_with_is_refused_without_the_secret(checkout: Path) -> None:
    with_password = ADDRESS.replace("@", ":hidden@")
    closed = file(checkout, "closed", with_password, 0o400)
    empty = file(checkout, "empty", "")
    for settings, expected in (
        ({"DATABASE_URL": with_password}, "has a password"),
        ({"DATABASE_URL": ADDRESS, "DATABASE_URL_FILE": closed}, "are both set"),
        ({"DATABASE_URL_FILE": closed}, "cannot be read in the container"),
        ({"DATABASE_URL_FILE": ".secrets/none"}, "cannot be read: No such file"),
        ({"DATABASE_URL_FILE": empty}, "with a host and a user and a database"),
        ({"DATABASE_URL": "mysql://keeper:hidden@db/panel"}, "no address of a PostgreSQL"),
        ({"DATABASE_URL": ADDRESS, "DATABASE_CA": "none.pem"}, "cannot be read: No such file"),
        ({"DATABASE_URL": ADDRESS, "DATABASE_APP_USER": "serves"}, "names no password"),
        ({"DATABASE_URL": ADDRESS, "DATABASE_APP_PASSWORD": "hidden"}, "is in .env, which"),
    ):
        with pytest.raises(Failure) as refused:
            external_database.of(written(checkout, **settings))
        assert expected in refused.value.what
        assert "hidden" not in str(refused.value)


def services(mode: str = PROD.compose_file, **settings: str) -> dict[str, dict[str, object]]:
    """The services as Compose understands them."""
    return dict(composed(mode, **settings)["services"])


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_compose_has_no_database_then_and_the_app_depends_on_none(name: str) -> None:
    own, external = services(), services(**{name: ".env.example"})
    assert set(own) - set(external) == {"db"}
    assert set(external) - set(own) == {"database-client"}
    assert "db" in own["app"]["depends_on"]  # type: ignore[operator]  # a table
    assert not external["app"].get("depends_on")
    assert external["database-client"]["scale"] == 0
    assert "POSTGRES_HOST" not in external["app"]["environment"]  # type: ignore[operator]  # a table


def test_development_ignores_it() -> None:
    found = services(DEV.compose_file, DATABASE_URL=ADDRESS)
    assert "db" in found
    variables = found["app"]["environment"]
    assert variables["DATABASE_URL"] == ""  # type: ignore[index]  # a table


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("FATAL: unsupported startup parameter: options", "leads to a pooler"),
        ("server does not support SSL, but SSL was required", "has no TLS"),
        ('no pg_hba.conf entry for host "10.0.0.2", no encryption', "TLS only"),
        ('root certificate file "/home/app/.postgresql/root.crt" does not exist', "authority"),
        ("SSL error: certificate verify failed", "not trusted"),
        ('server certificate for "a" does not match host name "b"', "another name"),
        ('password authentication failed for user "keeper"', "refuses the password"),
        ('database "panel" does not exist', "does not exist"),
    ],
)
def test_each_refusal_of_a_server_is_explained(
    monkeypatch: pytest.MonkeyPatch, reason: str, expected: str
) -> None:
    monkeypatch.delenv("POSTGRES_HOST", raising=False)
    monkeypatch.setenv("DATABASE_URL", ADDRESS)
    what, remedy = (database_refusals.explain(f"connection failed: {reason}") or "").split("\n")
    assert expected in what
    assert remedy
    assert database_refusals.explain("Connection refused") is None
    monkeypatch.setenv("POSTGRES_HOST", "db")
    is_of_both = "password" in reason
    assert bool(database_refusals.explain(reason)) is is_of_both


@pytest.mark.parametrize(
    "reason", ["FATAL: could not write init file", "could not extend file: No space left on device"]
)
def test_a_full_disk_is_named_also_where_no_session_begins(reason: str) -> None:
    what, remedy = database_refusals.no_answer(60, reason, "inv prod.logs db").split("\n")
    assert what == f"The database's disk is full: {reason}"
    assert remedy.startswith("Make room there")
