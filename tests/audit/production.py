"""Judges of production as it runs: Nginx's configuration, Django's settings, packages, the API."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container
from docker.models.images import Image

from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.config import ca_bundle
from stack.config.modes import ROOT
from stack.core.polling import NeverHappened, wait_until
from tests.audit.verdict import Finding, Judge, NotRun, run
from tests.smoke.front import certificate, front

WITH_TLS = "with TLS"
SHAPES = ("plain", WITH_TLS)

NO_LISTS, NO_SUITE = 90, 91
PENDING = f"""
command -v apt-get >/dev/null || exit {NO_SUITE}
set -- -qq -o APT::Update::Error-Mode=any
if [ -s /ca-bundle ]; then set -- "$@" -o Acquire::https::CAInfo=/ca-bundle; fi
apt-get "$@" update >&2 || exit {NO_LISTS}
apt-cache policy | grep -q -i 'security' || exit {NO_SUITE}
apt-get -s dist-upgrade
"""
"""What a shell asks apt. Status 90: it has no lists; 91: its sources have no security suite."""

INST = re.compile(r"Inst (?P<package>\S+) (?:\[(?P<old>\S+)\] )?\((?P<new>\S+) (?P<from>[^)]*)\)")
WARNING = re.compile(r"\((?P<rule>[a-z_]+\.[CEW]\d+)\) (?P<text>.*)")


def judges(project: Project) -> Iterator[Judge]:
    """The judges of a stack that is up; the last one uses it up."""
    images = {name: c.image for name, c in project.containers().items()}
    django = locked("django")
    for shape in SHAPES:
        ask = partial(gixy, project.client, images["app"], shape)
        yield Judge("gixy-ng", version("gixy-ng"), ask, f"Nginx {shape}")
    for shape in SHAPES:
        ask = partial(deploy_check, project, shape)
        yield Judge("manage.py check --deploy", f"Django {django}", ask, shape)
    for service, image in images.items():
        tag = image.tags[0] if service == "db" and image.tags else image.short_id
        ask = partial(upgrades, project.client, image, f"image of {service}")
        yield Judge("apt upgrades", tag, ask, f"image of {service}")
    yield Judge("schemathesis", version("schemathesis"), partial(schemathesis, project))


def locked(package: str) -> str:
    """The version of a package in the image."""
    lock = (ROOT / "backend" / "requirements.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{package}==(\S+)", lock, re.M)
    return found[1] if found else ""


def gixy(client: DockerClient, image: Image, shape: str) -> Iterator[Finding]:
    """Nginx's configuration as run-nginx has made it, with everything that it includes."""
    with tempfile.TemporaryDirectory() as folder:
        files = certificate(Path(folder)) if shape == WITH_TLS else {}
        with front(client, image, files) as (container, _):
            rendered = configuration(container)
        dump = Path(folder, "nginx.conf")
        dump.write_text(rendered, encoding="utf-8")
        told = json.loads(run("gixy", "--format", "json", str(dump)).stdout)
    for found in told:
        text = found["reason"] or found["summary"]
        yield Finding(found["plugin"], "docker/prod/nginx.conf", text)


def configuration(container: Container) -> str:
    """All of it, by Nginx's own reading."""

    def dump() -> str:
        told = container.exec_run(["nginx", "-T"], stderr=False)
        return str(told.output.decode()) if told.exit_code == 0 else ""

    try:
        return wait_until("Nginx to take its configuration", dump, seconds=20)
    except NeverHappened as error:
        raise NotRun(str(error)) from error


def deploy_check(project: Project, shape: str) -> Iterator[Finding]:
    """Django's own check, in the image, with production's secrets."""
    check = ("python", "manage.py", "check", "--deploy")
    https = str(shape == WITH_TLS).lower()
    done = run_one_off(project, *check, ALARM_HTTPS=https)
    told = done.stdout + done.stderr
    if "System check identified" not in told:
        raise NotRun(f"manage.py ended with status {done.returncode}")
    for found in WARNING.finditer(told):
        yield Finding(found["rule"], "backend/config/settings.py", found["text"])


def upgrades(client: DockerClient, image: Image, place: str) -> Iterator[Finding]:
    """Security upgrades of Debian that the image has not got."""
    bundle = ca_bundle.ca_bundle(ROOT)
    container = client.containers.run(
        image,
        entrypoint=["sh", "-c", PENDING],
        command=[],
        user="0",
        environment=proxies(),
        volumes=[f"{bundle}:/ca-bundle:ro"] if bundle else [],
        detach=True,
    )
    try:
        status = container.wait(timeout=300)["StatusCode"]
        told = container.logs(stderr=False).decode()
        why = container.logs(stdout=False).decode().strip().splitlines()[-1:]
    finally:
        container.remove(force=True, v=True)
    if status == NO_SUITE:
        raise NotRun("its sources name no security suite")
    if status == NO_LISTS:
        raise NotRun(f"its package lists cannot be had: {''.join(why)}")
    if status != 0:
        raise NotRun(f"apt-get ended with status {status}: {''.join(why)}")
    for found in INST.finditer(told):
        if "security" in found["from"].lower():
            text = f"{found['package']} {found['old']} → {found['new']}"
            yield Finding("security-upgrade", place, text)


def proxies() -> dict[str, str]:
    """The proxies of this machine, as apt spells them."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    return {name.lower(): os.environ[name] for name in names if name in os.environ}


def schemathesis(project: Project) -> Iterator[Finding]:
    """Made-up requests against what the API says of itself, as `nox -s api` makes them."""
    command = (sys.executable, "-m", "tests.api", "--url", project.url)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        told = (done.stdout or done.stderr).strip().splitlines()
        yield Finding("api", "/api/schema/", "\n".join(told[-15:]))
