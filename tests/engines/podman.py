"""Podman, with the commands and units of docs/engines.md.

The nested machine has no systemd, so the commands that Podman's generator writes into the services
are run by hand, in the order of their dependencies; timers of health checks do not run.
"""

from __future__ import annotations

import re
import shlex

from tests.engines import project
from tests.engines.nested import CommandFailed, Nested

GUIDE = project.ROOT / "docs" / "engines.md"
UNITS = "/etc/containers/systemd"
GENERATOR = "/usr/lib/systemd/system-generators/podman-system-generator --dryrun"
ORDER = (
    *("alarm-inside-network", "alarm-outside-network", "alarm-db-volume"),
    *("alarm-db", "alarm"),
)
"""The services in the order in which they start."""

BY_HAND = "health checks by hand, without systemd"


def units() -> dict[str, str]:
    """The guide's Quadlet files: each block's first line is its name as a comment."""
    blocks = re.findall(r"```ini\n# (\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    return dict(blocks)


def build(nested: Nested) -> None:
    """Run the guide's `podman build`, with the available base images."""
    images = [f"--build-arg={k.upper()}_IMAGE={name(k)}" for k in ("python", "node")]
    bundle = "--secret=id=ca-bundle,src=/etc/ssl/certs/ca-certificates.crt"
    tag = "--tag=localhost/alarm:latest"
    nested.run(shlex.join(["podman", "build", "--target=production", tag, *images, bundle, "."]))


def name(kind: str) -> str:
    """Podman's name for a base image that it has loaded from a file."""
    return f"localhost/{project.BASE_IMAGES[kind]}"


def commands(dry_run: str) -> dict[str, str]:
    """The start command of each service in the generator's output."""
    found = {}
    for service, text in re.findall(r"---(\S+)\.service---\n(.*?)(?=\n---|\Z)", dry_run, re.S):
        if start := re.search(r"^ExecStart=(.*)$", text, re.M):
            # systemd's own notation for a percent sign.
            found[service] = start[1].replace("%%", "%")
    return found


def compose(nested: Nested) -> str:
    """Production by `podman compose`, which runs Docker Compose on Podman's socket."""
    build(nested)
    nested.run("podman tag localhost/alarm:latest docker.io/library/alarm-prod-app:latest")
    nested.run("mkdir -p .secrets")
    for secret in ("secret_key", "postgres_password", "pin_pepper", "mqtt_password"):
        nested.run(f"openssl rand -hex 32 > .secrets/{secret}")
    settings = f"POSTGRES_IMAGE={name('postgres')} ALARM_NAME=alarm"
    command = f"{settings} podman compose --file docker-compose.prod.yml"
    # Timers of systemd make the health checks that the app's start waits for.
    nested.run(f"{command} up --detach --no-build db")
    nested.run(f"{command} up --detach --no-build --no-deps app")
    try:
        _wait_until_healthy(nested, "alarm-prod-app-1")
    finally:
        nested.run(f"{command} down --volumes")
    return BY_HAND


def quadlet(nested: Nested) -> str:
    """Build the image, generate the services, run their commands, request page and API."""
    build(nested)
    for file, text in units().items():
        # The guide's image is the official one.
        own = text.replace(project.OFFICIAL_POSTGRES, name("postgres"))
        nested.run(f"mkdir -p {UNITS} && cat > {UNITS}/{file}", given=own)
    for secret in ("alarm_secret_key", "alarm_postgres_password", "alarm_pin_pepper"):
        nested.run(f"openssl rand -hex 32 | podman secret create --replace {secret} -")
    starts = commands(nested.run(GENERATOR))
    if set(starts) != set(ORDER):
        raise CommandFailed(f"The generator writes other services: {sorted(starts)}")
    try:
        for service in ORDER:
            # Without systemd, readiness cannot be reported and a service has no cgroup.
            command = re.sub(r" --sdnotify=\S+| --cgroups=\S+", "", starts[service])
            nested.run(command.replace("%N", service).replace("%t", "/run"))
        _wait_until_healthy(nested, "alarm")
    finally:
        nested.run("podman rm --force --time 15 alarm alarm-db")
    return BY_HAND


def _wait_until_healthy(nested: Nested, container: str) -> None:
    """Run the container's health check until it passes, then request through the port."""

    def passes() -> bool:
        return "unhealthy" not in nested.run(f"podman healthcheck run {container}")

    try:
        what = f"{container} to be healthy"
        project.wait_until(what, passes, seconds=90, every=1, ignoring=(CommandFailed,))
    except project.NeverHappened as error:
        log = nested.run(f"podman logs --tail 12 {container}")
        raise CommandFailed(f"{error}\n{log}") from error
    nested.run("curl --fail --silent --show-error http://localhost:5427/api/health/ready/")
