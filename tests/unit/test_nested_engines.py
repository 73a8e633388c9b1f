"""The parts of `nox -s engines` that need no engine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.engines import load, podman, project
from tests.engines.checks import CHECKS
from tests.engines.recipes import ENGINES, PACKAGES, Engine


def test_the_nightly_workflow_runs_every_engine() -> None:
    workflow = (project.ROOT / ".github" / "workflows" / "engines.yml").read_text(encoding="utf-8")
    listed = workflow.partition("        engine:\n")[2].partition("    steps:")[0]
    assert re.findall(r"^ +- ([a-z\d-]+)$", listed, re.M) == [engine.name for engine in ENGINES]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_recipes_names_exist(engine: Engine) -> None:
    assert engine.suite in PACKAGES
    assert set(engine.checks) <= set(CHECKS)
    assert set(engine.unsupported) <= set(engine.checks)


def test_the_guide_holds_the_units_that_the_session_starts() -> None:
    services = {name.removesuffix(".container").replace(".", "-") for name in podman.units()}
    assert services == set(podman.ORDER)


def test_the_guides_units_use_the_default_database_image() -> None:
    assert f"Image={project.OFFICIAL_POSTGRES}\n" in podman.units()["alarm-db.container"]


def test_a_services_command_is_read_from_the_generators_output() -> None:
    said = (
        "---alarm-db.service---\n[Service]\nExecStart=podman run --name alarm-db a:1\n\n"
        "---alarm.service---\n[Service]\nExecStart=podman run --env A=50%% b:1\n"
    )
    assert podman.commands(said) == {
        "alarm-db": "podman run --name alarm-db a:1",
        "alarm": "podman run --env A=50% b:1",
    }


class _Flaky(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(503 if self.asked % 2 else 200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Log nothing."""


def test_the_client_counts_answers_and_failures() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Flaky)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    command = [sys.executable, load.__file__, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        project.wait_until("some requests", lambda: _Flaky.asked > 20, seconds=20)
        said, _ = client.communicate()
    server.shutdown()
    seen = json.loads(said)
    assert seen["good"] >= 5
    assert seen["failed"] >= 5


def test_a_nested_engine_trusts_what_this_machine_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "ca_bundle", lambda: project.ROOT / "bundle.pem")
    # The path that tests/engines/Dockerfile gives to SSL_CERT_FILE.
    dockerfile = (project.ROOT / "tests/engines/Dockerfile").read_text(encoding="utf-8")
    target = re.findall(r"SSL_CERT_FILE=(\S+)", dockerfile)[0]
    assert f"--volume={project.ROOT / 'bundle.pem'}:{target}:ro" in project.network_settings()
