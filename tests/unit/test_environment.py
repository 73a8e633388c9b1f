"""What the shell exports for other projects changes nothing; what it says of networks stays."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import invoke
import pytest

from stack.config.modes import ROOT
from stack.local import sessions
from tests.support.invoke import refusal, run_inv

REMOVED = (
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS"),
    *("PIP_DRY_RUN", "PIP_CONSTRAINT", "NODE_ENV", "NODE_OPTIONS", "NPM_CONFIG_OMIT"),
    *("npm_config_production", "NPM_CONFIG_PREFIX", "npm_config_ignore_scripts"),
    *("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONWARNINGS", "PYTHONOPTIMIZE"),
    *("DATABASE_URL", "DB_HOST", "POSTGRES_PASSWORD", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS"),
    *("DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "PGHOST", "PGSSLMODE", "PGSERVICE"),
    *("DOCKER_DEFAULT_PLATFORM", "DOCKER_BUILDKIT", "BUILDX_BUILDER"),
    *("COMPOSE_FILE", "COMPOSE_ENV_FILES", "COMPOSE_PROJECT_NAME", "COMPOSE_REMOVE_ORPHANS"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"),
    *("INVOKE_TASKS_COLLECTION_NAME", "NOX_DEFAULT_VENV_BACKEND", "BASH_ENV", "UV_SYSTEM_PYTHON"),
)
KEPT = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_TRUSTED_HOST", "PIP_CACHE_DIR"),
    *("PIP_CONFIG_FILE", "NPM_CONFIG_REGISTRY", "npm_config_cafile", "npm_config_https_proxy"),
    *("NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "http_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "GIT_SSL_CAINFO"),
    *("ALARM_PORT", "COMPOSE_PROFILES", "PYTHON_IMAGE", "NODE_IMAGE", "POSTGRES_IMAGE", "DB_CPUS"),
    *("PYTHONUNBUFFERED", "VIRTUAL_ENV", "UV_DEFAULT_INDEX", "HOME", "LANG"),
)
NAMES = (*REMOVED, *KEPT)

IN_BOOTSTRAP = f"""
here={ROOT}
eval "$(sed -n '/^clean_environment/,/^}}/p' "$here/bootstrap")"
clean_environment
exec env
"""
IN_PYTHON = "import json, os, stack; print(json.dumps(dict(os.environ)))"


def environment_of(*command: str, **variables: str) -> str:
    env = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=True
    ).stdout


def test_bootstrap_and_every_command_keep_the_same_variables() -> None:
    given = dict.fromkeys(NAMES, "C\nPIP_LOG=x") | {"TMPDIR": tempfile.gettempdir()}
    printed = environment_of("sh", "-c", IN_BOOTSTRAP, **given)
    left = {line.partition("=")[0] for line in printed.splitlines()} & set(NAMES)
    assert left - {"PIP_USER"} == set(KEPT)
    assert "PIP_USER=0" in printed
    # An interpreter that these lead astray does not start.
    for name in ("PYTHONHOME", "PYTHONSAFEPATH", "LANG"):
        del given[name]
    left_by_python = json.loads(environment_of(sys.executable, "-c", IN_PYTHON, **given))
    assert set(left_by_python) & set(NAMES) - {"PIP_USER"} == set(KEPT) - {"LANG"}
    assert left_by_python["PIP_USER"] == "0"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Keep the tests' output as it is."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Answer) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://localhost:{listening.server_port}"
        listening.shutdown()


DEAD = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "proxies",
    [
        {"HTTP_PROXY": DEAD},
        {"http_proxy": DEAD, "no_proxy": "example.org"},
        {"ALL_PROXY": DEAD, "NO_PROXY": "example.org"},
        {"HTTP_PROXY": DEAD, "no_proxy": "example.org", "NO_PROXY": "localhost"},
    ],
)
def test_a_proxy_is_never_asked_for_this_machine(server: str, proxies: dict[str, str]) -> None:
    ask = f"import stack, requests; print(requests.get({server!r}, timeout=30).status_code)"
    assert environment_of(sys.executable, "-c", ask, **proxies) == "204\n"
    left = json.loads(environment_of(sys.executable, "-c", IN_PYTHON, **proxies))
    assert left["NO_PROXY"] == left["no_proxy"]
    assert ("example.org" in left["NO_PROXY"]) == ("example.org" in str(proxies))
    assert DEAD in left.values()


def test_a_git_hook_sees_the_commit_of_this_checkout(tmp_path: Path) -> None:
    hook = run_inv("version", GIT_DIR=str(tmp_path), GIT_WORK_TREE=str(tmp_path))
    assert hook.stdout == run_inv("version").stdout


@pytest.mark.parametrize("folder", ["gone", "file"])
def test_a_folder_for_temporary_files_that_is_none_is_not_used(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    printed = environment_of(sys.executable, "-c", IN_PYTHON, TMPDIR=str(tmp_path / folder))
    assert "TMPDIR" not in json.loads(printed)


def test_a_locale_that_this_machine_lacks_is_replaced() -> None:
    left = json.loads(environment_of(sys.executable, "-c", IN_PYTHON, LC_ALL="xx_XX.UTF-8"))
    assert left["LC_CTYPE"] == "C.UTF-8"
    assert "LC_ALL" not in left


def test_a_terminal_without_unicode_is_no_error() -> None:
    show = "from stack.core import console; console.prepare_output(); print('\u2713 done')"
    shown = environment_of(sys.executable, "-c", show, PYTHONIOENCODING="ascii")
    assert shown == "? done\n"
    assert "Traceback" not in run_inv("staging", PYTHONIOENCODING="ascii").stderr


def test_sockets_have_a_valid_path_where_temporary_files_have_a_long_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/short")
    assert sessions.parent_of_sockets() == "/short"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "long" / ("x" * 60)))
    assert sessions.parent_of_sockets() == "/tmp"


@pytest.mark.parametrize("typed", ["doctor", "--list", "dev.logs vite"])
def test_an_invoke_from_elsewhere_is_referred_to_bootstrap(tmp_path: Path, typed: str) -> None:
    make = [sys.executable, "-m", "venv", "--without-pip", str(tmp_path)]
    subprocess.run(make, check=True)
    (packages,) = tmp_path.glob("lib/python*/site-packages")
    for folder in Path(invoke.__file__).parents[1].glob("invoke*"):
        shutil.copytree(folder, packages / folder.name)
    argv = [str(tmp_path / "bin" / "python"), "-m", "invoke", *typed.split()]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refusal(done).endswith(f"  → Type: ./bootstrap inv {typed}\n")
