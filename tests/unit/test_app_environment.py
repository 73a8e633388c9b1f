"""docker/common/bin/app-environment: an app gets what the stack has, under the usual names."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from stack.config.modes import ROOT

SETTINGS = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
DATABASE = {"POSTGRES_HOST": "db", "POSTGRES_DB": "shop", "POSTGRES_USER": "keeper"}


def app_environment(root: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """What a command gets in an app's container."""
    env = {"PATH": os.environ["PATH"], "APP_DIR": str(root), **given}
    command = [sys.executable, str(ROOT / "docker/common/bin/app-environment"), "env"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def variables(root: Path, **given: str) -> dict[str, str]:
    done = app_environment(root, **given)
    assert done.returncode == 0, done.stderr
    return dict(line.partition("=")[::2] for line in done.stdout.splitlines())


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / "backend" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "backend" / name).write_text(text, encoding="utf-8")
    return root


STARTPROJECT = {
    "manage.py": SETTINGS.format("shop.settings"),
    "shop/asgi.py": SETTINGS.format("shop.settings"),
    "shop/settings.py": "WSGI_APPLICATION = 'shop.wsgi.application'\n",
}
COOKIECUTTER = {
    "manage.py": SETTINGS.format("config.settings.local"),
    "config/asgi.py": SETTINGS.format("config.settings.local"),
    "config/wsgi.py": SETTINGS.format("config.settings.production"),
    "config/settings/base.py": 'ASGI_APPLICATION = "config.routing.application"\n',
    "config/settings/local.py": "from .base import *\n",
    "config/settings/production.py": "from .base import *\n",
}
NESTED = {
    "manage.py": SETTINGS.format("project.settings.dev"),
    "project/asgi.py": "application = None\n",
    "project/settings/dev.py": "",
    "project/settings/prod.py": "",
}


@pytest.mark.parametrize(
    ("files", "mode", "settings", "asgi"),
    [
        (STARTPROJECT, "development", "shop.settings", "shop.asgi:application"),
        (STARTPROJECT, "production", "shop.settings", "shop.asgi:application"),
        (COOKIECUTTER, "development", "config.settings.local", "config.routing:application"),
        (COOKIECUTTER, "production", "config.settings.production", "config.routing:application"),
        (NESTED, "development", "project.settings.dev", "project.asgi:application"),
        (NESTED, "production", "project.settings.prod", "project.asgi:application"),
        (
            {**NESTED, "app.toml": 'settings = "a.b"\nasgi = "a.c:app"\n'},
            "production",
            "a.b",
            "a.c:app",
        ),
        (
            {**NESTED, "app.toml": 'settings = "a.b"\ndevelopment-settings = "project.d"\n'},
            "development",
            "project.d",
            "project.asgi:application",
        ),
    ],
)
def test_settings_and_application_are_found(
    tmp_path: Path, files: dict[str, str], mode: str, settings: str, asgi: str
) -> None:
    found = variables(write(tmp_path, files), MODE=mode)
    assert (found["DJANGO_SETTINGS_MODULE"], found["ASGI_APPLICATION"]) == (settings, asgi)
    assert found["DEBUG"] == found["DJANGO_DEBUG"] == str(mode == "development")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"shop/settings.py": ""}, "backend/ has no manage.py."),
        ({"manage.py": ""}, "backend/manage.py names no DJANGO_SETTINGS_MODULE."),
        ({"manage.py": SETTINGS.format("a.settings")}, "backend/ has no ASGI application."),
        ({**STARTPROJECT, "app.toml": "asgi"}, "backend/app.toml cannot be read:"),
        *(
            ({**STARTPROJECT, "app.toml": text}, f"backend/app.toml: {said}")
            for text, said in (
                ("health = true", "health has a value of the wrong type."),
                ("largest-request = 25", "largest-request has a value of the wrong type."),
                ('prefixes = "/a/"', "prefixes has a value of the wrong type."),
                ('prefixes = ["/"]', "prefixes cannot be '/'."),
                ('prefixes = ["/a b/"]', "prefixes cannot be '/a b/'."),
                ('prefixes = ["/a{2}/"]', "prefixes cannot be '/a{2}/'."),
                ('prefixes = ["/assets/"]', "prefixes has /assets/, where the page's own"),
                ('health = "/"', "health cannot be '/'."),
                ('largest-request = "1m; x"', "largest-request cannot be '1m; x'."),
                ('content-security-policy = "a\\n\\rb"', "content-security-policy cannot be"),
                ('content-security-policy = "$host"', "content-security-policy cannot be"),
                ('[headers]\nX-Powered-By = "a"', "headers cannot have X-Powered-By."),
                ('[headers]\nX-Frame-Options = "ALLOW"', "headers.X-Frame-Options cannot be"),
                ('[headers]\nPermissions-Policy = "a\\\\"', "headers.Permissions-Policy cannot be"),
            )
        ),
    ],
)
def test_what_an_app_lacks_is_said_in_two_lines(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    done = app_environment(write(tmp_path, files))
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 2


def test_the_database_has_every_usual_name(tmp_path: Path) -> None:
    root = write(tmp_path, STARTPROJECT)
    found = variables(root, POSTGRES_PASSWORD="a@b/c:d%", **DATABASE)
    for names, value in {
        ("POSTGRES_HOST", "PGHOST", "DB_HOST"): "db",
        ("POSTGRES_PORT", "PGPORT", "DB_PORT"): "5432",
        ("POSTGRES_DB", "PGDATABASE", "DB_NAME"): "shop",
        ("POSTGRES_USER", "PGUSER", "DB_USER"): "keeper",
        ("POSTGRES_PASSWORD", "PGPASSWORD", "DB_PASSWORD"): "a@b/c:d%",
    }.items():
        assert {found[name] for name in names} == {value}
    url = urlsplit(found["DATABASE_URL"])
    assert (url.hostname, url.port, url.path) == ("db", 5432, "/shop")
    assert (url.username, unquote(url.password or "")) == ("keeper", "a@b/c:d%")
    assert variables(root, DATABASE_URL="sqlite:///x", **DATABASE)["DATABASE_URL"] == "sqlite:///x"


def test_secrets_come_from_their_files_and_only_once(tmp_path: Path) -> None:
    root, key, password = write(tmp_path, STARTPROJECT), tmp_path / "key", tmp_path / "password"
    key.write_text("three windows\n")
    password.write_text("four doors\n")
    # An empty password beside its file is what `inv local` sets.
    given = {"POSTGRES_PASSWORD": "", "POSTGRES_PASSWORD_FILE": str(password)}
    found = variables(root, SECRET_KEY_FILE=str(key), **DATABASE, **given)
    assert found["SECRET_KEY"] == found["DJANGO_SECRET_KEY"] == "three windows"
    assert found["POSTGRES_PASSWORD"] == "four doors"
    assert not {"SECRET_KEY_FILE", "POSTGRES_PASSWORD_FILE"} & set(found)
    assert "SECRET_KEY" not in variables(root, MODE="production"), "production has no default"


def test_the_addresses_of_alarm_hosts_may_post_forms(tmp_path: Path) -> None:
    root = write(tmp_path, {**STARTPROJECT, "app.toml": 'prefixes = ["/accounts/"]\n'})
    found = variables(root, ALARM_HOSTS="shop.example, .test.example:80", PUBLISHED_PORT="81")
    origins = found["CSRF_TRUSTED_ORIGINS"].split(",")
    assert {"http://localhost:81", "https://shop.example", "https://*.test.example"} <= {*origins}
    assert found["BACKEND_PREFIXES"].endswith("/media/ /accounts/")


def test_headers_of_an_app_replace_the_strict_ones(tmp_path: Path) -> None:
    stated = """
[headers]
Cross-Origin-Opener-Policy = "same-origin-allow-popups"
Permissions-Policy = 'camera=(self "https://a.example")'
X-Frame-Options = ""
"""
    found = variables(write(tmp_path, {**STARTPROJECT, "app.toml": stated}))
    assert dict(pair.split("=", 1) for pair in found["RESPONSE_HEADERS"].split("|")) == {
        "X-Frame-Options": "",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": 'camera=(self "https://a.example")',
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Embedder-Policy": "",
    }


@pytest.mark.parametrize(
    ("toml", "path"),
    [
        ('health = "/up"\n', "/up"),
        ("health = false\n", "none"),
        ('health = ""\n', "none"),
        ("", None),
    ],
)
def test_an_app_names_its_health_address_or_says_that_it_has_none(
    tmp_path: Path, toml: str, path: str | None
) -> None:
    assert variables(write(tmp_path, {**STARTPROJECT, "app.toml": toml})).get("HEALTH_PATH") == path


def test_an_empty_line_for_debug_stays_empty_and_one_for_hosts_does_not(tmp_path: Path) -> None:
    root = write(tmp_path, STARTPROJECT)
    found = variables(root, MODE="production", DEBUG="", CSRF_TRUSTED_ORIGINS="", ALLOWED_HOSTS="")
    assert (found["DEBUG"], found["CSRF_TRUSTED_ORIGINS"], found["ALLOWED_HOSTS"]) == ("", "", "*")
    assert found["DJANGO_DEBUG"] == "False"


def test_each_key_of_the_guide_is_known(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "any-app.md").read_text(encoding="utf-8")
    block = guide.partition("```toml")[2].partition("```")[0]
    assert (
        variables(write(tmp_path, {**STARTPROJECT, "app.toml": block}))["HEALTH_PATH"] == "/healthz"
    )
    for key in tomllib.loads(block).keys() - {"headers"}:
        assert (
            f"{key} has a value of the wrong type"
            in app_environment(write(tmp_path, {"app.toml": f"{key} = 1"})).stderr
        )
