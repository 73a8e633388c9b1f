"""Podman: what docs/engines.md says, taken from that page.

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
"""Services, each after those that it requires."""


def units() -> dict[str, str]:
    """The guide's Quadlet files: each block's first line is its name as a comment."""
    blocks = re.findall(r"```ini\n# (\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    return dict(blocks)


def build(nested: Nested) -> None:
    """Run the guide's `podman build`, with the base images that are at hand."""
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
    images = f"POSTGRES_IMAGE={name('postgres')} ALARM_NAME=alarm"
    command = f"{images} podman compose --file docker-compose.prod.yml"
    nested.run(f"{command} up --detach --no-build --no-deps db app")
    return ""


def quadlet(nested: Nested) -> str:
    """Build the image, generate the services, run their commands, and ask for page and API."""
    build(nested)
    for file, text in units().items():
        # The guide's image is the official one.
        own = text.replace(project.OFFICIAL_POSTGRES, name("postgres"))
        nested.run(f"mkdir -p {UNITS} && cat > {UNITS}/{file}", given=own)
    for secret in ("alarm_secret_key", "alarm_postgres_password"):
        nested.run(f"openssl rand -hex 32 | podman secret create --replace {secret} -")
    starts = commands(nested.run(GENERATOR))
    if set(starts) != set(ORDER):
        raise CommandFailed(f"The generator writes other services: {sorted(starts)}")
    try:
        for service in ORDER:
            # Without systemd there is no readiness to report, and no cgroup of a service.
            command = re.sub(r" --sdnotify=\S+| --cgroups=\S+", "", starts[service])
            nested.run(command.replace("%N", service).replace("%t", "/run"))
        project.wait_until(
            "the panel to be healthy",
            lambda: nested.run("podman healthcheck run alarm") is not None,
            seconds=90,
            every=1,
            ignoring=(CommandFailed,),
        )
        nested.run("curl --fail --silent --show-error http://localhost:5427/api/health/ready/")
    except project.NeverHappened as error:
        raise CommandFailed(f"{error}\n{nested.run('podman logs --tail 10 alarm')}") from error
    finally:
        nested.run("podman rm --force --time 15 alarm alarm-db")
    return "run by hand, without systemd"
