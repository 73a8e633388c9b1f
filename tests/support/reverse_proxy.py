"""Nginx alone, as production starts it, in a container of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container
from docker.models.images import Image

from stack.compose import ports


@contextmanager
def reverse_proxy(
    client: DockerClient,
    image: Image,
    files: Mapping[str, str] | None = None,
    **variables: str,
) -> Iterator[tuple[Container, int]]:
    """Start it with `files` (host path: container path) mounted; yields the container and port."""
    port = ports.free_port()
    container = client.containers.run(
        image,
        entrypoint=["app-environment", "run-nginx"],
        environment=variables,
        volumes=[f"{source}:{target}:ro" for source, target in (files or {}).items()],
        ports={"80/tcp": ("127.0.0.1", port)},
        read_only=True,
        tmpfs={"/tmp": "", "/run/app": "uid=10001,gid=10001,mode=0700"},
        cap_drop=["ALL"],
        detach=True,
    )
    try:
        yield container, port
    finally:
        container.remove(force=True, v=True)


def certificate(folder: Path) -> dict[str, str]:
    """A certificate for localhost and its key, to be mounted where production looks for them."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*make, *name, "-keyout", key, "-out", cert], check=True, capture_output=True, timeout=60
    )
    key.chmod(0o644)
    return {str(cert): "/run/secrets/tls_certificate", str(key): "/run/secrets/tls_key"}
