"""The apps: Django's own generator and Vite's, with an API, a consumer, a model and the admin."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack.adopt import places
from stack.config.modes import ROOT
from stack.core.console import Failure

OWN_FILES = Path(__file__).parent / "items"
"""The Django app that is added to what `django-admin startproject` writes."""

VITE = places.packages_of(ROOT / "frontend")["vite"]
"""As this checkout has it."""

PACKAGES = ("django>=5.2,<7", "channels>=4")
STRICT = """
import os
# As the checks of strict settings set it, in .env.
SECURE_SSL_REDIRECT = os.environ.get("SHOP_REDIRECTS") == "yes"
HAS_HEALTH = True
"""
"""Appended to each app's settings."""

READS_VARIABLES = """
import environ
env = environ.Env()
SECRET_KEY = env("DJANGO_SECRET_KEY")
DEBUG = env.bool("DJANGO_DEBUG", False)
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
DATABASES = {"default": env.db()}
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
STATIC_ROOT = BASE_DIR / ".." / "collected" / "by" / ".." / "shop"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
    },
}
"""
"""And its static files are outside of backend/, with a manifest."""

OWN_FOLDER = """
HAS_HEALTH = False
DEBUG = bool(os.environ.get("DEBUG", False))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
        "OPTIONS": {"location": "/srv/shop"},
    },
}
"""
"""Each text is on for bool(), and the storage has a folder of its own."""

PNPM = "npm exec --yes pnpm@10 -- install --lockfile-only"
POETRY = '[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.11,<4"\n'
ENVIRON = ("django-environ>=0.11", "psycopg[binary]>=3.2")


@dataclass(frozen=True)
class App:
    """One app: how it is made, and what of its page is edited to see an update."""

    name: str
    title: str
    make: Callable[[Path], None]
    component: str
    """The file of the page that is edited, with the text `Get started` in it."""
    socket: str = "/ws/items/"
    """Where its consumer is."""
    options: tuple[str, ...] = ()
    """What `inv adopt` is given beside the folder."""


def run(folder: Path, *command: str, **variables: str) -> None:
    """Run a generator. Raises Failure with what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"{' '.join(command)}: {done.stdout}{done.stderr}", "Correct the generator")


def django(folder: Path, settings: str = "") -> None:
    """Django's own project in the folder, with the app `items`; `settings` come last."""
    folder.mkdir(parents=True, exist_ok=True)
    run(folder, "django-admin", "startproject", "shop", ".")
    shutil.copytree(OWN_FILES, folder / "items", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "items" / "asgi.py").rename(folder / "shop" / "asgi.py")
    (folder / "items" / "urls.py").rename(folder / "shop" / "urls.py")
    with (folder / "shop" / "settings.py").open("a", encoding="utf-8") as stream:
        stream.write('\nINSTALLED_APPS += ["channels", "items"]\n')
        layer = '{"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}'
        stream.write('MEDIA_URL = "media/"\nMEDIA_ROOT = BASE_DIR / "media"\n')
        stream.write(f'ASGI_APPLICATION = "shop.asgi.application"\nCHANNEL_LAYERS = {layer}\n')
        stream.write(STRICT + settings)


def vite(folder: Path, template: str, *lock: str) -> None:
    """`npm create vite` in the folder, then the command that writes the lock file."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    create = ("npm", "create", "--yes", "vite@latest", folder.name, "--")
    run(folder.parent, *create, "--template", template, "--no-interactive")
    # A mirror may lack what a newer Vite brings, and `npm ci` then refuses the lock file.
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    package["devDependencies"]["vite"] = VITE.replace("^", "~")
    (folder / "package.json").write_text(json.dumps(package, indent=2), encoding="utf-8")
    run(folder, *(lock or ("npm", "install", "--package-lock-only", "--no-audit", "--no-fund")))


def plain(root: Path) -> None:
    """Settings as Django writes them, and requirements without versions or hashes; the page's files
    are at the address of Django's own."""
    django(root / "backend")
    (root / "backend" / "requirements.txt").write_text("\n".join(PACKAGES) + "\n")
    vite(root / "frontend", "react-ts")
    config = root / "frontend" / "vite.config.ts"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("plugins:", "build: { assetsDir: 'static' },\n  plugins:"))


def poetry(root: Path) -> None:
    """Settings that read variables, and Poetry's files above the backend; Django's own files are at
    the address of the page's."""
    django(root / "server", f'{READS_VARIABLES}STATIC_URL = "assets/"\n')
    (root / "pyproject.toml").write_text(POETRY)
    settings = {"POETRY_VIRTUALENVS_CREATE": "false"}
    if index := os.environ.get("PIP_INDEX_URL"):
        # Alone, Poetry asks PyPI's JSON interface, which mirrors lack.
        settings["POETRY_PYPI_MIRROR_URL"] = index
    run(root, "poetry", "add", "--lock", *PACKAGES, *ENVIRON, **settings)
    vite(root / "web", "vue-ts")


def uv(root: Path) -> None:
    """A Django project at the top with the page inside, uv's files, pnpm; a WebSocket at /live/."""
    django(root, OWN_FOLDER)
    asgi = root / "shop" / "asgi.py"
    asgi.write_text(asgi.read_text(encoding="utf-8").replace("ws/items/", "live/items/"))
    project = '[project]\nname = "shop"\nversion = "0"\nrequires-python = ">=3.11"\n'
    (root / "pyproject.toml").write_text(f"{project}dependencies = {[*PACKAGES]}\n")
    run(root, "uv", "lock")
    vite(root / "frontend", "svelte-ts", *PNPM.split())


APPS = {
    app.name: app
    for app in (
        App("react", "startproject, requirements.txt; react-ts, npm", plain, "src/App.tsx"),
        App(
            "vue",
            "django-environ, poetry.lock; vue-ts, npm",
            poetry,
            "src/components/HelloWorld.vue",
        ),
        App(
            "svelte",
            "startproject at the top, uv.lock; svelte-ts, pnpm",
            uv,
            "src/App.svelte",
            socket="/live/items/",
        ),
    )
}
