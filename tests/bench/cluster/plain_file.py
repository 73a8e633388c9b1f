"""The cluster's services for Docker Compose alone, on one engine: no Swarm, no registry.

Limits, settings, secrets and health checks stay those of compose/cluster.yml. Swarm's keys are left
out, and Traefik gets a file with the replicas' addresses instead of asking Swarm for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Config = dict[str, Any]

SERVICES = ("app", "db", "traefik")
NETWORKS = {"default": False, "inside": True, "front": True}
"""Those of the services, and whether each leads nowhere else."""

OF_SWARM = ("build", "deploy", "ports")
PROVIDER = "--providers.swarm."
SERVICE = "traefik.http.services."
PLACE = "\n  services:\n"


def plain_file(config: Config, image: str, trusted: str, dynamic: str) -> Config:
    """From what `docker compose config` prints for a cluster, a file that Compose can run.

    `trusted` are the addresses of the network `front`, `dynamic` is the path of Traefik's file.
    """
    services = {name: _service(config["services"][name]) for name in SERVICES}
    services["app"]["image"] = image
    services["app"]["environment"]["TRUSTED_PROXIES"] = trusted
    command = services["traefik"]["command"]
    services["traefik"]["command"] = [w for w in command if not w.startswith(PROVIDER)]
    return {
        "services": services,
        "networks": {
            name: {"name": config["networks"][name]["name"], "external": True} for name in NETWORKS
        },
        "volumes": config["volumes"],
        "secrets": config["secrets"],
        "configs": {"traefik": {"file": dynamic}},
    }


def _service(settings: Config) -> Config:
    made = {key: value for key, value in settings.items() if key not in OF_SWARM}
    networks = settings["networks"]
    return {**made, "networks": {n: v for n, v in networks.items() if n in NETWORKS}}


def dynamic_file(text: str, labels: Mapping[str, str], addresses: Sequence[str]) -> str:
    """Traefik's file `text` with the services that the app's labels describe for Swarm."""
    found: dict[str, Config] = {}
    for label, value in labels.items():
        if label.startswith(SERVICE):
            name, _, path = label.removeprefix(SERVICE).partition(".loadbalancer.")
            found.setdefault(name, {})[path] = value
    assert found, "the app has no services for Traefik"
    assert text.count(PLACE) == 1, "Traefik's file has another form"
    lines = []
    for name, options in found.items():
        text = text.replace(f"{name}@swarm", f"{name}@file")
        lines.append(f"    {name}: {json.dumps({'loadBalancer': _balancer(options, addresses)})}\n")
    return text.replace(PLACE, PLACE + "".join(lines))


def _balancer(options: Mapping[str, str], addresses: Sequence[str]) -> Config:
    names = {"unhealthyinterval": "unhealthyInterval"}
    check = {
        names.get(key, key): int(value) if key == "port" else value
        for path, value in options.items()
        for kind, _, key in [path.partition(".")]
        if kind == "healthcheck"
    }
    port = options["server.port"]
    return {
        "servers": [{"url": f"http://{address}:{port}"} for address in addresses],
        "serversTransport": options["serverstransport"],
        "healthCheck": check,
    }
