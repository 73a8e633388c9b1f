"""The file for Swarm, made of what Docker Compose makes of compose/."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stack.cluster import stack_file
from stack.cluster.project import CLIENT, FILES, OWN_DATABASE
from stack.cluster.stack_file import Facts, Image
from stack.config.modes import PROD
from tests.support.composed import composed

ALL = [PROD.compose_file, FILES, OWN_DATABASE, CLIENT]
SECRETS = ("secret_key", "postgres_password", "pin_pepper", "mqtt_password", "registry_key")


@cache
def _config(settings: tuple[tuple[str, str], ...] = ()) -> str:
    name = {"COMPOSE_PROJECT_NAME": "house-cluster"}
    return json.dumps(composed(*ALL, **name, **dict(settings)))


def made(facts: Facts | None = None, **settings: str) -> dict[str, Any]:
    config = json.loads(_config(tuple(settings.items())))
    images = {
        service["image"]: Image(f"r:5000/{service['image']}", ("start",), ("now",))
        for service in config["services"].values()
    }
    given = facts or Facts(images, {name: f"house_{name}-1" for name in (*SECRETS, "traefik")})
    if not given.images:
        given = Facts(images, given.objects, given.replicas, given.leave_out)
    return stack_file.stack_file(config, given)


def test_limits_are_composes() -> None:
    file = made(APP_MEMORY="400m", APP_CPUS="0.5", APP_PIDS="99")
    resources = file["services"]["app"]["deploy"]["resources"]
    assert resources["limits"] == {"memory": str(400 * 1024**2), "cpus": "0.5", "pids": 99}
    assert resources["reservations"] == {"memory": str(100 * 1024**2)}


def test_no_limit_of_processors_is_none() -> None:
    assert "cpus" not in made(APP_CPUS="0")["services"]["app"]["deploy"]["resources"]["limits"]


def test_the_health_check_and_the_environment_are_composes() -> None:
    config = json.loads(_config())["services"]["app"]
    app = made()["services"]["app"]
    assert app["healthcheck"] == config["healthcheck"]
    assert app["environment"] == config["environment"]
    assert app["environment"]["HEALTHY_ONCE_READY"] == "answers"


def test_a_service_gets_its_secrets_under_the_names_in_swarm() -> None:
    file = made()
    found = {s["source"]: s["target"] for s in file["services"]["app"]["secrets"]}
    assert found["postgres_password"] == "postgres_password"
    name = file["secrets"]["postgres_password"]
    assert name == {"external": True, "name": "house_postgres_password-1"}


def test_a_secret_without_content_is_left_out() -> None:
    """Swarm has no empty ones; without a certificate its two files are empty."""
    assert "secrets" not in made()["services"]["traefik"]


def test_tls_ends_at_traefik() -> None:
    pair = ("tls_certificate", "tls_key")
    objects = {name: name for name in (*SECRETS, *pair, "traefik")}
    services = made(Facts({}, objects))["services"]
    assert {s["source"] for s in services["traefik"]["secrets"]} == {*pair}
    assert not {s["source"] for s in services["app"]["secrets"]} & {*pair}


def test_no_privileges_are_gained() -> None:
    """Swarm's file has no `security_opt`, so setpriv starts the program."""
    services = made()["services"]
    assert services["app"]["entrypoint"] == ["setpriv", "--no-new-privs", "--", "start"]
    assert services["app"]["command"] == ["now"]
    assert services["db"]["entrypoint"][:2] == ["setpriv", "--no-new-privs"]
    assert services["db"]["command"] == ["postgres", "-c", "max_connections=300"]
    config = json.loads(_config())["services"]
    allowed = {n for n, s in services.items() if "setpriv" not in s.get("entrypoint", ())}
    assert allowed == {n for n in services if "security_opt" not in config[n]}


def test_folders_in_memory_have_their_sizes() -> None:
    folders = {
        mount["target"]: mount["tmpfs"]
        for mount in made(APP_TMP="64m")["services"]["app"]["volumes"]
        if mount["type"] == "tmpfs"
    }
    assert folders == {
        "/tmp": {"size": 64 * 1024**2},
        "/run/app": {"size": 8 * 1024**2, "mode": 0o1777},
    }


def test_only_traefik_and_the_registry_have_ports() -> None:
    services = made(ALARM_PORT="8443")["services"]
    ports = {name: s["ports"] for name, s in services.items() if "ports" in s}
    assert ports == {
        "traefik": [{"target": 8080, "published": 8443, "mode": "host"}],
        "registry": [{"target": 5000, "published": 5000, "mode": "host"}],
    }


def test_a_brokers_port_for_this_machine_alone_is_not_opened_to_all() -> None:
    def ports(**settings: str) -> Any:
        services = made(None, COMPOSE_PROFILES="mqtt", **settings)["services"]
        return services["mqtt"].get("ports")

    assert ports() is None
    assert ports(MQTT_PUBLISH="1883") == [{"target": 8883, "published": 1883, "mode": "host"}]


def test_what_has_files_stays_with_them() -> None:
    services = made(None, COMPOSE_PROFILES="mqtt", CLUSTER_DATA_NODE="node.labels.x == here")[
        "services"
    ]

    def constraints(name: str) -> Any:
        return services[name]["deploy"].get("placement", {}).get("constraints")

    assert constraints("mqtt") == ["node.role == manager"]  # what Facts say
    assert constraints("db") == constraints("registry") == ["node.labels.x == here"]
    assert constraints("app") is None
    assert services["mqtt"]["deploy"]["update_config"]["order"] == "stop-first"


def test_no_service_has_a_virtual_address() -> None:
    modes = {s["deploy"]["endpoint_mode"] for s in made()["services"].values()}
    assert modes == {"dnsrr"}


def test_replicas_roll_one_by_one_and_swarm_takes_a_bad_version_back() -> None:
    update = made()["services"]["app"]["deploy"]["update_config"]
    assert update["order"] == "start-first"
    assert update["parallelism"] == 1
    assert update["failure_action"] == "rollback"


def test_what_runs_keeps_its_number() -> None:
    assert made()["services"]["app"]["deploy"]["replicas"] == 2
    facts = Facts({}, {"traefik": "t"}, {"app": 5})
    assert made(facts)["services"]["app"]["deploy"]["replicas"] == 5


def test_another_registry_takes_the_place_of_the_own() -> None:
    facts = Facts({}, {"traefik": "t"}, leave_out=frozenset({"registry"}))
    file = made(facts)
    assert "registry" not in file["services"]
    assert "registry" not in file["volumes"]


def test_what_runs_for_one_command_is_no_service() -> None:
    assert "database-client" not in made()["services"]


def test_traefik_cannot_write_to_the_engine() -> None:
    """Only the filter in front of it has the socket, and only Traefik reaches the filter."""
    services = made()["services"]
    with_socket = {
        name
        for name, service in services.items()
        if any("docker.sock" in m.get("source", "") for m in service.get("volumes", ()))
    }
    assert with_socket == {"docker-api"}
    in_network = {n for n, s in services.items() if "docker-api" in s["networks"]}
    assert in_network == {"docker-api", "traefik"}


def test_the_app_trusts_the_network_of_traefik_alone() -> None:
    services = made(CLUSTER_FRONT="10.0.3.0/24")["services"]
    assert services["app"]["environment"]["TRUSTED_PROXIES"] == "10.0.3.0/24"
    assert {n for n, s in services.items() if "front" in s["networks"]} == {"app", "traefik"}


def test_the_file_is_one_that_docker_takes(tmp_path: Path) -> None:
    """The CLI checks the form without an engine's help."""
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(made()), encoding="utf-8")
    argv = ["docker", "stack", "config", "--compose-file", str(path)]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "'stack' is not a docker command" in asked.stderr:
        pytest.fail("the docker CLI is too old")
    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize(("text", "bytes_"), [("5", 5), ("2k", 2048), ("1g", 1024**3)])
def test_sizes(text: str, bytes_: int) -> None:
    assert stack_file.size(text) == bytes_


def test_memory_that_one_node_needs_is_what_all_services_reserve() -> None:
    file = made(APP_MEMORY="400m", DB_MEMORY="200m")
    every = stack_file.reserved_bytes(file)
    without_app = stack_file.reserved_bytes(file, lambda name: name != "app")
    assert every - without_app == 100 * 1024**2
