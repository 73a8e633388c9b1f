"""Making an engine in a privileged container of this machine's engine, and running commands in it.

The image is made once for each recipe and kept; so is a volume for each engine, which holds its
images, its build cache and the checkout's `.venv`. Remove them all with:
docker volume rm $(docker volume ls -q -f name=alarm-engines), docker image rm alarm-engines:SUITE
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engines import official, project
from tests.engines.recipes import PACKAGES, Engine

HERE = Path(__file__).parent
CHECKOUT = "/cache/person/alarm"
COMMAND_SECONDS = 900
LAST_LINES = 12


class CommandFailed(Exception):
    """A command in a nested engine failed; the message holds its last lines."""


@dataclass(frozen=True)
class Nested:
    """An engine that runs, seen by the user `person`, whose checkout is in CHECKOUT."""

    engine: Engine
    container: str

    def argv(self, command: str, *, user: str = "person", folder: str = CHECKOUT) -> list[str]:
        """The command line that runs a shell command in the engine's container."""
        variables = {"HOME": "/home/person", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
        if self.engine.start == "rootless":
            variables["DOCKER_HOST"] = "unix:///run/user/1000/docker.sock"
        # With every service that the project has.
        variables["COMPOSE_PROFILES"] = "mqtt"
        if self.engine.compose_5:
            variables["DOCKER_CONFIG"] = "/opt/compose-5"
        options = [f"--env={name}={value}" for name, value in variables.items()]
        return [
            *("docker", "exec", "--interactive", f"--user={user}", f"--workdir={folder}"),
            *(*options, self.container, "bash", "-o", "pipefail", "-c", command),
        ]

    def run(self, command: str, *, given: str = "", **where: str) -> str:
        """Run a shell command and return what it prints. Raises CommandFailed."""
        done = subprocess.run(
            self.argv(command, **where),
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        text = done.stdout.decode(errors="replace")
        if done.returncode:
            last = "\n".join(text.strip().splitlines()[-LAST_LINES:])
            raise CommandFailed(f"{command}: status {done.returncode}\n{last}")
        return text


@contextmanager
def running(engine: Engine) -> Iterator[Nested]:
    """The engine, started, with the base images and the checkout as it is now, and no stack."""
    image, name = _have_image(engine.suite), f"alarm-engines-{engine.name}"
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
    _docker(
        *("run", "--detach", "--init", "--privileged", f"--name={name}", f"--hostname={name}"),
        *(f"--volume={name}:/cache", *project.network_settings(), image),
    )
    try:
        nested = Nested(engine, name)
        _start(nested)
        _load_base_images(nested)
        _copy_checkout(nested)
        yield nested
    finally:
        _docker("rm", "--force", name)


def _start(nested: Nested) -> None:
    given = json.dumps(dict(nested.engine.daemon))
    nested.run(
        "mkdir -p /etc/docker && cat > /etc/docker/daemon.json",
        **{"given": given, "user": "root", "folder": "/"},
    )
    start = f"exec start-engine {nested.engine.start} > /cache/engine.log 2>&1"
    _docker("exec", "--detach", nested.container, "bash", "-c", start)

    def answers() -> bool:
        return bool(nested.run("docker info --format '{{.ServerVersion}}'", folder="/"))

    try:
        what = f"the engine {nested.engine.name} to answer"
        project.wait_until(what, answers, seconds=60, every=0.5, ignoring=(CommandFailed,))
    except project.NeverHappened as error:
        log = nested.run("tail -n 20 /cache/engine.log", user="root", folder="/")
        raise CommandFailed(f"{error}\n{log}") from error


def _load_base_images(nested: Nested) -> None:
    """Copy the base images that the nested engine lacks, and remove the stacks of earlier runs."""
    nested.run(
        "docker ps --all --quiet | xargs -r docker rm --force && docker volume prune --all --force",
        folder="/",
    )
    # By the name here: the name there.
    wanted = {image: image for image in project.BASE_IMAGES.values()}
    if suite := nested.engine.official:
        official.build(suite)
        wanted = {official.image(kind, suite): name for kind, name in project.OFFICIAL.items()}
    present = nested.run("docker images --format '{{.Repository}}:{{.Tag}}'", folder="/").split()
    if missing := [image for image in wanted if image not in present]:
        with subprocess.Popen(["docker", "save", *missing], stdout=subprocess.PIPE) as saved:
            load = nested.argv("docker load --quiet", folder="/")
            subprocess.run(load, stdin=saved.stdout, check=True, stdout=subprocess.DEVNULL)
    for here, there in wanted.items():
        nested.run(f"docker tag {here} {there}", folder="/")


def _copy_checkout(nested: Nested) -> None:
    """The checkout as a user would have it who clones it: no `.env`, no secrets; `.venv` stays."""
    nested.run("find . -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +", user="root")
    with subprocess.Popen(nested.argv("tar -xf -"), stdin=subprocess.PIPE) as unpack:
        assert unpack.stdin is not None
        project.write_checkout(unpack.stdin, uid=1000)
    nested.run("git init --quiet && git add --all")


def _have_image(suite: str) -> str:
    """The image of an engine of Debian's `suite`, built where it is missing."""
    recipe = hashlib.sha256(repr(PACKAGES[suite]).encode())
    files = [HERE / "Dockerfile", HERE / "start-engine"]
    compose = shutil.which("docker-compose")
    if compose is None:
        raise project.Failure("docker-compose is missing.", "Type: nox -s engines")
    for path in (*files, Path(compose)):
        recipe.update(path.read_bytes())
    image = f"alarm-engines:{suite}-{recipe.hexdigest()[:12]}"
    if _docker("images", "--quiet", image):
        return image
    with (
        project.step(f"Building {image}"),
        tempfile.TemporaryDirectory(prefix="alarm-engines-") as folder,
    ):
        for path in files:
            shutil.copy2(path, folder)
        shutil.copy2(compose, Path(folder, "docker-compose"))
        make = project.root_filesystem(suite, PACKAGES[suite], Path(folder, "root.tar"))
        subprocess.run(make, check=True, capture_output=True)
        _docker("build", "--quiet", f"--tag={image}", folder)
    return image


def _docker(*arguments: str) -> str:
    """Ask this machine's engine. Raises CommandFailed."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandFailed(f"docker {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()
