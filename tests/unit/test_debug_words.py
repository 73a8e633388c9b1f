"""inv adopt: DEBUG is on in development and off in production, however the settings read it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stack.adopt import debug_words, own_settings
from stack.adopt.python_code import Settings
from tests.unit.test_adopt import MANAGE, READS_ALL, app, backend, django

READ = 'DEBUG = env.bool("DEBUG", False)\n'
WITHOUT_LIBRARIES = """
import ast, json, os
from os import environ, getenv
SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")
CSRF_TRUSTED_ORIGINS = os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",")
DATABASES = {"default": {"HOST": os.environ["POSTGRES_HOST"]}}
ASGI_APPLICATION = "shop.asgi.application"
flag = os.environ.get("DEBUG", "off")
def helper(name): return os.environ[name]
"""
VALUES = (
    'bool(os.environ["DEBUG"])',
    'bool(os.environ.get("DEBUG", False))',
    'os.environ.get("DEBUG", False)',
    'getenv("DJANGO_DEBUG") or False',
    'not not environ["DEBUG"]',
    'True if os.getenv("DEBUG") else False',
    'int(os.environ.get("DEBUG", default=0))',
    'bool(int(os.environ["DEBUG"]))',
    'json.loads(os.environ["DEBUG"])',
    'ast.literal_eval(os.environ["DEBUG"])',
    'os.environ.get("DEBUG", "0") == "1"',
    'os.environ.get("DEBUG", "").strip().lower() in ("yes", "on")',
    'os.environ.get("DJANGO_DEBUG", "") != "False"',
    'os.environ["DEBUG"] not in {"0", "off"}',
    'flag == "on"',
    'os.environ.get("DEBUG") is not None',
    '"DEBUG" in os.environ',
    "True",
    "False",
    'helper("DEBUG") == "True"',
)


@pytest.mark.parametrize("value", VALUES)
def test_debug_is_on_in_development_and_off_in_production(tmp_path: Path, value: str) -> None:
    found = backend(app(tmp_path, django(f"{WITHOUT_LIBRARIES}DEBUG = {value}\n")))
    texts = own_settings.write(found).texts
    app(tmp_path / "backend", texts)
    module = "stack_settings" if "stack_settings.py" in texts else "shop.settings"
    for given, is_on in (("True", True), ("False", False)):
        names = ("DEBUG", "DJANGO_DEBUG")
        others = ("POSTGRES_HOST", "DJANGO_SECRET_KEY", "ALLOWED_HOSTS")
        done = subprocess.run(
            [sys.executable, "-c", f"from {module} import DEBUG; print(bool(DEBUG))"],
            cwd=tmp_path / "backend",
            env={**dict.fromkeys(names, given), **dict.fromkeys(others, "x")},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == str(is_on), (texts, done.stderr)


def test_the_apps_own_value_in_the_env_file_is_not_translated(tmp_path: Path) -> None:
    text = f'{WITHOUT_LIBRARIES}DEBUG = os.environ["DEBUG"] == "on"\n'
    texts = own_settings.write(backend(app(tmp_path, django(text)))).texts
    lines = texts["stack_settings.py"].partition("from shop.settings")[0]
    for given, read in (("on", "on"), ("", ""), ("True", "on"), ("False", "False")):
        script = f"import os\nos.environ['DEBUG'] = {given!r}\n{lines}\nprint(os.environ['DEBUG'])"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.stdout == f"{read}\n", done.stderr


DJANGO_ENVIRON = "import environ\nenv = environ.Env(DJANGO_DEBUG=(bool, False))\n"
ENVIRONS = "from environs import Env\nenv = Env()\n"
DECOUPLE = "from decouple import config\n"
NUMBER, TEXT, SAME = ("1", "0"), ("True", ""), None
LIBRARIES = {
    f'{DECOUPLE}DEBUG = config("DEBUG", cast=int)': NUMBER,
    f'{DECOUPLE}DEBUG = config("DEBUG", default=0, cast=int)': NUMBER,
    f'{DECOUPLE}DEBUG = config("DEBUG", default=False)': TEXT,
    f'{DECOUPLE}DEBUG = config("DEBUG", default=False, cast=bool)': SAME,
    f'{DECOUPLE}DEBUG = config("DEBUG", cast=lambda text: text == "1")': SAME,
    f'{DJANGO_ENVIRON}DEBUG = env("DJANGO_DEBUG")': SAME,
    f'{DJANGO_ENVIRON}DEBUG = env("DEBUG", default=False)': SAME,
    f'{DJANGO_ENVIRON}DEBUG = env("DEBUG", cast=bool)': SAME,
    f'{DJANGO_ENVIRON}DEBUG = env.bool("DEBUG")': SAME,
    f'{DJANGO_ENVIRON}DEBUG = env.int("DEBUG", default=0)': NUMBER,
    f'{DJANGO_ENVIRON}DEBUG = env("DEBUG")': TEXT,
    f'{ENVIRONS}DEBUG = env("DEBUG", default=False)': TEXT,
    f'{ENVIRONS}DEBUG = env.bool("DEBUG", False)': SAME,
}


@pytest.mark.parametrize("text", LIBRARIES)
def test_the_libraries_get_the_words_that_they_read(tmp_path: Path, text: str) -> None:
    app(tmp_path, {"settings.py": text})
    found = debug_words.words(Settings(tmp_path, "settings"))
    expected = LIBRARIES[text]
    assert [tuple(words.values()) for words in found.values()] == ([expected] if expected else [])


def test_production_that_forgets_to_turn_debug_off_gets_it_off(tmp_path: Path) -> None:
    app(
        tmp_path,
        {
            **django(READS_ALL.replace(READ, "DEBUG = True\n")),
            "backend/shop/local.py": "from .settings import *\n",
            "backend/manage.py": MANAGE.format("shop.local"),
        },
    )
    files = own_settings.write(backend(tmp_path))
    assert files.added[0] == "DEBUG"
    assert "DEBUG = os.environ" in files.texts["stack_settings.py"]
