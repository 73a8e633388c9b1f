"""What a Django backend is like: settings, ASGI application, addresses, packages and services."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stack.adopt import packages, places, python_code
from stack.adopt.packages import Packages
from stack.adopt.python_code import Settings, dotted
from stack.core.console import Failure

DATABASE = {
    *("DATABASE_URL", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB", "POSTGRES_USER"),
    *("POSTGRES_PASSWORD", "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"),
    *("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"),
}
GIVEN = {
    "DATABASES": DATABASE,
    "SECRET_KEY": {"SECRET_KEY", "DJANGO_SECRET_KEY"},
    "DEBUG": {"DEBUG", "DJANGO_DEBUG"},
    "ALLOWED_HOSTS": {"ALLOWED_HOSTS", "DJANGO_ALLOWED_HOSTS"},
    "CSRF_TRUSTED_ORIGINS": {"CSRF_TRUSTED_ORIGINS", "DJANGO_CSRF_TRUSTED_ORIGINS"},
}
"""By setting, the variables that every app gets: docs/any-app.md."""

ALSO_GIVEN = {"DJANGO_SETTINGS_MODULE", "MODE", "PATH", "HOME", "HOSTNAME"}

OF_DEVELOPMENT = ("local", "development", "dev")
OF_PRODUCTION = ("production", "prod")

HEALTH = re.compile(r"(^|/)(health|healthz|health[-_]?check|readyz?|livez?|ht)/?$")
"""As in docker/common/bin/health_request.py."""


@dataclass(frozen=True)
class Backend:
    """A backend's folder, read without running its code."""

    folder: Path
    packages: Packages

    @cached_property
    def stated(self) -> dict[str, Any]:
        """What its app.toml says."""
        return packages.read_toml(self.folder / "app.toml")

    @cached_property
    def settings(self) -> Settings:
        """Those of production. Raises Failure where no file names any."""
        if stated := self.stated.get("settings"):
            return self._read(str(stated))
        servers = [
            self.folder / path
            for name in ("asgi.py", "wsgi.py")
            for path in sorted(self.folder.rglob(name))
            if not places.NOT_SEARCHED & set(path.parts)
        ]
        files = [*servers, self.folder / "manage.py"]
        named = list(filter(None, map(python_code.settings_named_by, files)))
        if not named:
            raise Failure(
                "manage.py names no DJANGO_SETTINGS_MODULE.",
                'Name it in backend/app.toml, e.g. settings = "shop.settings"',
            )
        ready = [name for name in named if name.rpartition(".")[2] not in OF_DEVELOPMENT]
        siblings = self._siblings(named[0], OF_PRODUCTION)
        return self._read(next(iter([*ready, *siblings]), named[0]))

    @cached_property
    def development_settings(self) -> Settings:
        """Those of manage.py."""
        if stated := self.stated.get("development-settings") or self.stated.get("settings"):
            return self._read(str(stated))
        named = python_code.settings_named_by(self.folder / "manage.py")
        return self._read(named) if named else self.settings

    def _siblings(self, module: str, names: tuple[str, ...]) -> list[str]:
        package = module.rpartition(".")[0]
        found = (f"{package}.{name}" for name in names)
        return [name for name in found if python_code.module_file(self.folder, name)]

    def _read(self, module: str) -> Settings:
        settings = Settings(self.folder, module)
        if not settings.files:
            raise Failure(
                f"The backend has no settings module {module}, which its files name.",
                "Correct DJANGO_SETTINGS_MODULE in manage.py and asgi.py",
            )
        return settings

    @cached_property
    def asgi(self) -> str:
        """`module:name` of the ASGI application; empty where there is none."""
        if named := self.stated.get("asgi"):
            return str(named)
        stated = self.settings.constant("ASGI_APPLICATION")
        if isinstance(stated, str) and "." in stated:
            return ":".join(stated.rsplit(".", 1))
        packages_above = self.settings.module.split(".")
        while packages_above:
            packages_above.pop()
            if self.folder.joinpath(*packages_above, "asgi.py").is_file():
                return ".".join((*packages_above, "asgi:application"))
        return ""

    @cached_property
    def uses_channels(self) -> bool:
        return "channels" in self.packages.names

    @cached_property
    def channel_layer(self) -> str:
        """The module of the layer, e.g. `channels_redis`; empty where none is configured."""
        texts = sorted(self.settings.texts("CHANNEL_LAYERS"))
        return next((t.partition(".")[0] for t in texts if t.lower().endswith("layer")), "")

    @cached_property
    def engine(self) -> str:
        """The last part of the database's engine where it is written out, e.g. `sqlite3`."""
        texts = self.settings.texts("DATABASES", last=True)
        engines = [t for t in texts if "db.backends" in t or t.endswith((".postgis", ".mysql"))]
        return engines[0].rpartition(".")[2] if engines else ""

    @cached_property
    def engine_variables(self) -> set[str]:
        """The variables that name the database's engine, e.g. DB_ENGINE."""
        both = (self.settings, self.development_settings)
        return {read.name for each in both for read in each.reads_of_key("DATABASES", "ENGINE")}

    @cached_property
    def required(self) -> list[str]:
        """The variables without a default that the stack does not give."""
        given = set().union(*GIVEN.values(), ALSO_GIVEN)
        read = self.settings.reads() | self.development_settings.reads()
        return sorted({r.name for r in read if r.is_required and r.name not in given})

    @cached_property
    def health(self) -> str:
        """What app.toml says, or an address with a name such as `/healthz`; empty for none."""
        if "health" in self.stated:
            return str(self.stated["health"] or "")
        urls = self.settings.constant("ROOT_URLCONF")
        addresses = self._addresses(urls, "/", set()) if isinstance(urls, str) else ()
        return next((a for a in addresses if HEALTH.search(a)), "")

    def _addresses(self, module: str, prefix: str, seen: set[str]) -> Iterator[str]:
        """The constant addresses of a URL configuration, those that it includes too."""
        file = python_code.module_file(self.folder, module)
        if file is None or module in seen:
            return
        seen.add(module)
        for node in ast.walk(python_code.parse(file)):
            match node:
                case ast.Call(func=func, args=[ast.Constant(str(path)), view, *_]):
                    if dotted(func).rpartition(".")[2] not in {"path", "re_path", "url"}:
                        continue
                    address = prefix + re.sub(r"^\^|\$$", "", path)
                    match view:
                        case ast.Call(func=ast.Name("include"), args=[ast.Constant(str(name)), *_]):
                            if not python_code.module_file(self.folder, name):
                                yield address  # of an installed package
                            yield from self._addresses(name, address, seen)
                        case _:
                            yield address

    @cached_property
    def sockets(self) -> list[str]:
        """The addresses of WebSockets as prefixes, as far as they are written out; `/` for none."""
        routes = [
            route
            for folder, names in places.searched(self.folder)
            for name in names
            if name.endswith(".py")
            for route in _socket_routes(python_code.parse(folder / name))
        ]
        outer = [path for path, is_outer in routes if is_outer]
        # A router within a router: only the outer one's address is complete.
        return sorted({_prefix(path) for path in outer or [path for path, _ in routes]})

    @property
    def more_prefixes(self) -> list[str]:
        """Those of WebSockets outside of the stack's own prefix."""
        return [path for path in self.sockets if path != "/" and not path.startswith("/ws/")]

    def services(self) -> list[tuple[str, str]]:
        """What the app needs beside PostgreSQL, and what the stack does about it."""
        names, found = self.packages.names, []
        if self.channel_layer == "channels_redis" or names & {"django-redis", "redis"}:
            found.append(("Redis", "not part of the stack: set its address in .env"))
        if "celery" in names:
            found.append(("Celery", "add its worker: backend/supervisor.d/celery.conf"))
        if self.engine == "mysql" or names & {"mysqlclient", "pymysql"}:
            found.append(("MySQL", "the stack has PostgreSQL only: move the database to it"))
        if self.engine == "postgis":
            found.append(
                (
                    "PostGIS",
                    'POSTGRES_IMAGE in .env, and packages = ["gdal-bin"] in backend/app.toml',
                )
            )
        return found


def _socket_routes(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Each path that leads to a consumer, or (True) to a router of consumers."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func, args=[ast.Constant(str(path)), ast.Call(func=view), *_]):
                kind, name = (dotted(each).rpartition(".")[2] for each in (func, view))
                if kind in {"path", "re_path", "url"} and name in {"as_asgi", "URLRouter"}:
                    yield path, name == "URLRouter"


def _prefix(path: str) -> str:
    """`/chat/` of `chat/<room>/` and of `^chat/(?P<room>\\w+)/$`."""
    fixed = re.match(r"[\w/.~-]*", path.removeprefix("^"), re.ASCII)
    whole = fixed[0] if fixed else ""
    if whole != path.removeprefix("^").removesuffix("$"):
        whole = whole.rpartition("/")[0] + "/"
    return f"/{whole.strip('/')}/".replace("//", "/")


def wanted_python(backend: Path, root: Path) -> tuple[str, str]:
    """The Python that the app asks for, and the file that does; empty where none does."""
    for folder in dict.fromkeys((backend, root)):
        project = packages.read_toml(folder / "pyproject.toml")
        poetry = project.get("tool", {}).get("poetry", {}).get("dependencies", {})
        wanted = project.get("project", {}).get("requires-python") or poetry.get("python")
        if wanted:
            return str(wanted), "pyproject.toml"
        for name in (".python-version", "runtime.txt"):
            if (folder / name).is_file():
                text = (folder / name).read_text("utf-8", errors="replace").strip()
                return text.removeprefix("python-").partition("\n")[0], name
    return "", ""
