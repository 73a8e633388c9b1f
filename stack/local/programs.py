"""supervisord's configuration and environment: the dev container's programs, and PostgreSQL.

The container's configuration is read, and written with this checkout's folders, so that a program
is described in one place (docker/dev/supervisord.conf, backend/supervisor.d/).
"""

from __future__ import annotations

import configparser
import io
import os
import pwd
import re
import shlex
from pathlib import Path

from stack.compose.project import Project, bind_address
from stack.config import dotenv, version
from stack.database.server import DATABASE, ROLE
from stack.local import install
from stack.local.postgres import USER_FOR_ROOT, Database

FOLDERS = {"/app/": "%(ENV_APP_DIR)s/", "/run/app/": "%(ENV_RUN_DIR)s/"}
"""The container's folders. supervisord replaces variables after it has split lines into words, so
that a checkout's path may have spaces."""

DATABASE_PROGRAM = {
    "directory": "%(ENV_PGDATA)s",  # its user may be unable to enter the checkout
    "priority": "1",  # starts first, stops last
    "startsecs": "1",
    "autorestart": "true",
    "stopsignal": "INT",  # PostgreSQL's fast shutdown
    "stopwaitsecs": "30",
    "redirect_stderr": "true",
    "stdout_logfile": "/dev/fd/1",
    "stdout_logfile_maxbytes": "0",
}


def configuration(root: Path) -> str:
    """supervisord's configuration file. Only the database starts by itself: the others need the
    migrations of `migrate-and-exec`.
    """
    config = configparser.RawConfigParser(delimiters=("=",), inline_comment_prefixes=(";",))
    docker = root / "docker"
    sources = [docker / "common/supervisord.common.conf", docker / "dev/supervisord.conf"]
    sources += sorted((root / "backend" / "supervisor.d").glob("*.conf"))
    for source in sources:
        config.read_string(source.read_text(encoding="utf-8"), str(source))
    for section in ("include", "supervisorctl"):
        config.remove_section(section)
    for section in config.sections():
        for name, value in config.items(section):
            config.set(section, name, with_folders(value))
        if section.startswith("program:"):
            config.set(section, "autostart", "false")
    database = "postgres"
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER_FOR_ROOT)
        identity = f"--reuid={user.pw_uid} --regid={user.pw_gid} --clear-groups"
        database = f"setpriv {identity} postgres"
    config.read_dict({"program:db": DATABASE_PROGRAM})
    config.set("program:db", "command", f"log-prefix db {database}")
    text = io.StringIO()
    config.write(text)
    return text.getvalue()


def with_folders(value: str) -> str:
    """A value with the container's folders replaced by variables."""
    found = "|".join(sorted(map(re.escape, FOLDERS), reverse=True))
    return re.sub(rf"(?<![\w/])({found})", lambda match: FOLDERS[match[1]], value)


def environment(
    project: Project, database: Database, run_dir: str, backend_port: int, database_port: int
) -> dict[str, str]:
    """The environment of the programs, with the names that the container uses.

    A variable of the user's environment wins over `.env`, as it does for ALARM_PORT.
    """
    root = project.root
    venv = install.venv_of(root)
    dockerfile = (root / "Dockerfile").read_text(encoding="utf-8")
    path = (
        str(root / "docker" / "dev" / "bin"),
        str(root / "docker" / "common" / "bin"),
        str(venv / "bin"),
        str(install.node_of(root)),
        str(database.programs),
        os.environ["PATH"],
    )
    return {
        **dotenv.read(root / ".env"),
        **os.environ,
        **dotenv.behind_empty_variables(root),
        **image_environment(dockerfile),
        "APP_VERSION": version.version(),
        "APP_REVISION": version.revision(root),
        "PATH": os.pathsep.join(path),
        "VIRTUAL_ENV": str(venv),
        "DEV_TOOLS": str(venv),
        # Bytecode is kept, for a quick start, but not in the checkout.
        "PYTHONPYCACHEPREFIX": str(root / ".local" / "pycache"),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTEST_ADDOPTS": f"-o cache_dir={shlex.quote(str(root / '.local' / 'pytest'))}",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(root / ".local" / "hypothesis"),
        "INV_MODE": project.mode.name,
        "PROJECT_NAME": project.name,
        "APP_DIR": str(root),
        "RUN_DIR": run_dir,
        "REVERSE_PROXY_HOST": bind_address(root) or "127.0.0.1",
        "REVERSE_PROXY_PORT": str(project.port),
        "BACKEND_PORT": str(backend_port),
        # .env may name production's.
        "DATABASE_URL": "",
        "DATABASE_URL_FILE": "",
        "POSTGRES_HOST": "127.0.0.1",
        "POSTGRES_PORT": str(database_port),
        "POSTGRES_DB": DATABASE,
        "POSTGRES_USER": ROLE,
        "POSTGRES_PASSWORD": "",
        "POSTGRES_PASSWORD_FILE": str(database.password_file),
        "PGDATA": str(database.data),
        "PGPORT": str(database_port),
    }


def image_environment(dockerfile: str) -> dict[str, str]:
    """What the ENV lines of the dev image's stages set, without values made of other variables."""
    found: dict[str, str] = {}
    for stage in re.split(r"^FROM ", dockerfile, flags=re.M):
        if re.match(r"\S+ AS (base|development)\n", stage):
            for line in re.findall(r"^ENV ((?:.*\\\n)*.*)", stage, flags=re.M):
                words = shlex.split(line.replace("\\\n", " "))
                found |= dict(word.split("=", 1) for word in words if "$" not in word)
    return found
