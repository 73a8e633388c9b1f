"""python -m tests.support.throwaway_broker FOLDER COMMAND…: run it there with an MQTT broker.

The broker is the service `mqtt` of compose/ under another project name and on a free port of the
loopback address; it is removed after the command. The command finds it in variables for tests:
MQTT_TEST_PORT, the inner port, which in a stack only the panel reaches; MQTT_TEST_PUBLISHED, the
port for all others; MQTT_TEST_USERNAME, MQTT_TEST_PASSWORD, and MQTT_TEST_CONTAINER, which it may
kill and start.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from stack.compose import lifecycle, ports
from stack.compose.project import Project
from stack.config.modes import DEV, ROOT
from stack.core.console import Failure
from stack.core.process import run_quietly
from stack.engine import docker_engine
from stack.images import base_images

LIMIT = ("--wait-timeout", "120")  # seconds


@contextmanager
def broker() -> Iterator[dict[str, str]]:
    """Start the service, yield the variables, and always remove it."""
    client = docker_engine.connect()
    default = {"MOSQUITTO_IMAGE": base_images.defaults()["MOSQUITTO_IMAGE"]}
    image = base_images.choose(client, ROOT, default)[0].image
    inner, published = ports.free_port(), ports.free_port()
    overlay = "tests/support/throwaway_broker.yml"
    project = Project(DEV, f"alarm-broker-{os.getpid()}", inner, overlay=overlay).with_settings(
        MOSQUITTO_IMAGE=image,
        MQTT_PUBLISH=f"127.0.0.1:{published}",
        MQTT_TEST_INNER=f"127.0.0.1:{inner}",
    )
    try:
        run_quietly(
            "A throw-away MQTT broker",
            project.command("up", "--detach", "--no-build", "--wait", *LIMIT, "mqtt"),
            remedy="Correct what the lines above say",
            cwd=ROOT,
            env=project.variables,
        )
        container = project.containers()["mqtt"]
        yield {
            "MQTT_TEST_PORT": str(inner),
            "MQTT_TEST_PUBLISHED": str(published),
            "MQTT_TEST_USERNAME": "alarm",
            "MQTT_TEST_PASSWORD": "alarm",
            "MQTT_TEST_CONTAINER": str(container.id),
        }
    finally:
        lifecycle.down(project, volumes=True)


if __name__ == "__main__":
    folder, *command = sys.argv[1:]
    try:
        with broker() as variables:
            environment = {**os.environ, **variables}
            status = subprocess.run(command, cwd=folder, env=environment, check=False).returncode
    except Failure as failure:
        sys.exit(str(failure))
    sys.exit(status)
