"""Scans of a running production stack: Nginx, Django's settings, packages, the API."""

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

from stack.compose import address
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.config import ca_bundle
from stack.config.modes import ROOT
from stack.core.polling import NeverHappened, wait_until
from tests.audit.scan import Finding, NotRun, Scan, run
from tests.support.containers import image_of
from tests.support.reverse_proxy import certificate, reverse_proxy

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
"""Lists pending upgrades. Status 90: no package lists; 91: the sources have no security suite."""

INST = re.compile(r"Inst (?P<package>\S+) (?:\[(?P<old>\S+)\] )?\((?P<new>\S+) (?P<from>[^)]*)\)")
WARNING = re.compile(r"\((?P<rule>[a-z_]+\.[CEW]\d+)\) (?P<text>.*)")


def scans(project: Project) -> Iterator[Scan]:
    """The scans of a stack that is up; the last one changes its data."""
    images = {name: image_of(c) for name, c in project.containers().items()}
    django = locked("django")
    for shape in SHAPES:
        ask = partial(gixy, project.client, images["app"], shape)
        yield Scan("gixy-ng", version("gixy-ng"), ask, f"Nginx {shape}")
    for shape in SHAPES:
        ask = partial(deploy_check, project, shape)
        yield Scan("manage.py check --deploy", f"Django {django}", ask, shape)
    for service, image in images.items():
        tag = image.tags[0] if service == "db" and image.tags else image.short_id
        ask = partial(upgrades, project.client, image, f"image of {service}")
        yield Scan("apt upgrades", tag, ask, f"image of {service}")
    yield Scan("schemathesis", version("schemathesis"), partial(schemathesis, project))


def locked(package: str) -> str:
    """The version of a package in the image."""
    lock = (ROOT / "backend" / "requirements.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{package}==(\S+)", lock, re.M)
    return found[1] if found else ""


def gixy(client: DockerClient, image: Image, shape: str) -> Iterator[Finding]:
    """Nginx's configuration as run-nginx renders it, with all includes."""
    with tempfile.TemporaryDirectory() as folder:
        files = certificate(Path(folder)) if shape == WITH_TLS else {}
        with reverse_proxy(client, image, files) as (container, _):
            rendered = configuration(container)
        dump = Path(folder, "nginx.conf")
        dump.write_text(rendered, encoding="utf-8")
        report = json.loads(run("gixy", "--format", "json", str(dump)).stdout)
    for found in report:
        text = found["reason"] or found["summary"]
        yield Finding(found["plugin"], "docker/prod/nginx.conf", text)


def configuration(container: Container) -> str:
    """The whole configuration, as `nginx -T` prints it."""

    def dump() -> str:
        done = container.exec_run(["nginx", "-T"], stderr=False)
        assert isinstance(done.output, bytes)
        return done.output.decode() if done.exit_code == 0 else ""

    try:
        return wait_until("Nginx to take its configuration", dump, seconds=20)
    except NeverHappened as error:
        raise NotRun(str(error)) from error


def deploy_check(project: Project, shape: str) -> Iterator[Finding]:
    """Django's own check, in the image, with production's secrets."""
    check = ("python", "manage.py", "check", "--deploy")
    https = str(shape == WITH_TLS).lower()
    done = run_one_off(project, *check, ALARM_HTTPS=https)
    output = done.stdout + done.stderr
    if "System check identified" not in output:
        raise NotRun(f"manage.py ended with status {done.returncode}")
    for found in WARNING.finditer(output):
        yield Finding(found["rule"], "backend/config/settings.py", found["text"])


def upgrades(client: DockerClient, image: Image, place: str) -> Iterator[Finding]:
    """Debian's security upgrades that the image lacks."""
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
        output = container.logs(stderr=False).decode()
        why = container.logs(stdout=False).decode().strip().splitlines()[-1:]
    finally:
        container.remove(force=True, v=True)
    if status == NO_SUITE:
        raise NotRun("its sources name no security suite")
    if status == NO_LISTS:
        raise NotRun(f"its package lists cannot be had: {''.join(why)}")
    if status != 0:
        raise NotRun(f"apt-get ended with status {status}: {''.join(why)}")
    for found in INST.finditer(output):
        if "security" in found["from"].lower():
            text = f"{found['package']} {found['old']} → {found['new']}"
            yield Finding("security-upgrade", place, text)


def proxies() -> dict[str, str]:
    """This machine's proxies, in apt's spelling."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
    return {name.lower(): os.environ[name] for name in names if name in os.environ}


def schemathesis(project: Project) -> Iterator[Finding]:
    """Generated requests against the API's description, as in `nox -s api`."""
    command = (sys.executable, "-m", "tests.api", "--url", address.of(project).url)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        output = (done.stdout or done.stderr).strip().splitlines()
        yield Finding("api", "/api/schema/", "\n".join(output[-15:]))
