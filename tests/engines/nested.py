"""Create an engine in a privileged container of this machine's engine, and run commands in it.

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
    """An engine that runs, with a `user` whose checkout is in CHECKOUT."""

    engine: Engine
    container: str

    @property
    def user(self) -> str:
        """The user for commands; Podman's socket belongs to root."""
        return "root" if self.engine.podman else "person"

    @property
    def cli(self) -> str:
        """The engine's own command."""
        return "podman" if self.engine.podman else "docker"

    def argv(self, command: str, *, user: str | None = None, folder: str = CHECKOUT) -> list[str]:
        """The command line that runs a shell command in the engine's container."""
        user = self.user if user is None else user
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {"HOME": home, "NO_COLOR": "1"}
        if self.engine.podman:  # version 1 is this machine's, and known to be old
            variables["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1"
        if self.engine.start == "rootless":
            variables["DOCKER_HOST"] = "unix:///run/user/1000/docker.sock"
        if self.engine.compose_5:
            variables["DOCKER_CONFIG"] = "/opt/compose-5"
            variables["BUILDX_CONFIG"] = "/tmp/buildx"  # the default folder cannot be written
        options = [f"--env={name}={value}" for name, value in variables.items()]
        return [
            *("docker", "exec", "--interactive", f"--user={user}", f"--workdir={folder}"),
            *(*options, self.container, "bash", "-o", "pipefail", "-c", command),
        ]

    def run(self, command: str, *, given: str = "", **where: str) -> str:
        """Run a shell command, write its output to `.engines/`, and return it.

        Raises CommandFailed.
        """
        done = subprocess.run(
            self.argv(command, **where),
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        text = done.stdout.decode(errors="replace")
        with (project.FOLDER / f"{self.engine.name}.log").open("a", encoding="utf-8") as log:
            log.write(f"$ {command}\n{text}")
        if done.returncode:
            last = "\n".join(text.strip().splitlines()[-LAST_LINES:])
            raise CommandFailed(f"{command}: status {done.returncode}\n{last}")
        return text


@contextmanager
def running(engine: Engine) -> Iterator[Nested]:
    """Start the engine with the base images and the current checkout, without a stack."""
    with created(engine) as nested:
        start(nested)
        load_base_images(nested)
        copy_checkout(nested)
        yield nested


@contextmanager
def created(engine: Engine, *options: str) -> Iterator[Nested]:
    """A container for the engine, which does not run yet; `options` are more of `docker run`."""
    image, name = _have_image(engine.suite), f"alarm-engines-{engine.name}"
    project.FOLDER.mkdir(exist_ok=True)
    (project.FOLDER / f"{engine.name}.log").unlink(missing_ok=True)
    remove = ["docker", "rm", "--force", name]
    subprocess.run(remove, capture_output=True, check=False)
    try:
        docker(
            *("run", "--detach", "--init", "--privileged", f"--name={name}", f"--hostname={name}"),
            f"--volume={HERE / 'start-engine'}:/usr/local/bin/start-engine:ro",
            *(f"--volume={name}:/cache", *project.network_settings(), *options, image),
        )
        yield Nested(engine, name)
    finally:
        subprocess.run(remove, capture_output=True, check=False)


def start(nested: Nested) -> None:
    """Start the engine in its container, and wait until it answers."""
    given = json.dumps(dict(nested.engine.daemon))
    nested.run(
        "mkdir -p /etc/docker && cat > /etc/docker/daemon.json",
        **{"given": given, "user": "root", "folder": "/"},
    )
    command = f"exec start-engine {nested.engine.start} > /cache/engine.log 2>&1"
    docker("exec", "--detach", nested.container, "bash", "-c", command)

    def answers() -> bool:
        return bool(nested.run("docker version --format '{{.Server.Version}}'", folder="/"))

    try:
        what = f"the engine {nested.engine.name} to answer"
        project.wait_until(what, answers, seconds=60, every=0.5, ignoring=(CommandFailed,))
    except project.NeverHappened as error:
        log = nested.run("tail -n 20 /cache/engine.log", user="root", folder="/")
        raise CommandFailed(f"{error}\n{log}") from error


def load_base_images(nested: Nested) -> None:
    """Copy the base images that the nested engine lacks, and remove the stacks of earlier runs."""
    cli = nested.cli
    remove = f"{cli} ps --all --quiet | xargs -r {cli} rm --force"
    if nested.engine.podman:
        remove = f"podman pod rm --all --force --time 0 && podman secret rm --all && {remove}"
    nested.run(f"{remove} && {cli} volume ls --quiet | xargs -r {cli} volume rm", folder="/")
    # Name in this engine: name in the nested one.
    wanted = {image: image for image in project.BASE_IMAGES.values()}
    if suite := nested.engine.official:
        official.build(suite)
        wanted = {official.image(kind, suite): name for kind, name in project.OFFICIAL.items()}
    said = nested.run(f"{cli} images --format '{{{{.Repository}}}}:{{{{.Tag}}}}'", folder="/")
    present = said.replace("localhost/", "").split()
    if missing := [image for image in wanted if image not in present]:
        with subprocess.Popen(["docker", "save", *missing], stdout=subprocess.PIPE) as saved:
            load = nested.argv(f"{cli} load --quiet", folder="/")
            subprocess.run(load, stdin=saved.stdout, check=True, stdout=subprocess.DEVNULL)
    for here, there in wanted.items():
        nested.run(f"{cli} tag {here} {there}", folder="/")


def copy_checkout(nested: Nested) -> None:
    """Copy the checkout as after a clone: without `.env` and secrets; `.venv` is kept."""
    nested.run("find . -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +", user="root")
    with subprocess.Popen(nested.argv("tar -xf -"), stdin=subprocess.PIPE) as unpack:
        assert unpack.stdin is not None
        project.write_checkout(unpack.stdin, uid=1000)
    nested.run("git init --quiet && git add --all", user="person")


def _have_image(suite: str) -> str:
    """The image of an engine of Debian's `suite`, built if it is missing."""
    recipe = hashlib.sha256(repr(PACKAGES[suite]).encode())
    dockerfile = HERE / "Dockerfile"
    compose = shutil.which("docker-compose")
    if compose is None:
        raise project.Failure("docker-compose is missing.", "Type: nox -s engines")
    for path in (dockerfile, Path(compose)):
        recipe.update(path.read_bytes())
    image = f"alarm-engines:{suite}-{recipe.hexdigest()[:12]}"
    if docker("images", "--quiet", image):
        return image
    with (
        project.step(f"Building {image}"),
        tempfile.TemporaryDirectory(prefix="alarm-engines-") as folder,
    ):
        shutil.copy2(dockerfile, folder)
        shutil.copy2(compose, Path(folder, "docker-compose"))
        make = project.root_filesystem(suite, PACKAGES[suite], Path(folder, "root.tar"))
        subprocess.run(make, check=True, capture_output=True)
        docker("build", "--quiet", f"--tag={image}", folder)
    return image


def docker(*arguments: str) -> str:
    """Run a command on this machine's engine. Raises CommandFailed."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandFailed(f"docker {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()
