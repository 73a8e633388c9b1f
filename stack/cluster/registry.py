"""Where the nodes get the images: the cluster's own registry, or the one of CLUSTER_REGISTRY.

The own one speaks TLS with a certificate of its own, which each node is told to trust before it
joins (swarm.py), and asks for a password, which Swarm gives to the nodes with each service.
"""

from __future__ import annotations

import base64
import json
import re
import secrets as random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.config import dotenv, secrets
from stack.config.modes import is_port
from stack.core import files
from stack.core.console import Failure, step
from stack.core.polling import NeverHappened, wait_until
from stack.engine import docker_engine
from stack.engine.one_off import output_of
from stack.images import base_images

if TYPE_CHECKING:
    from docker import DockerClient

SERVICE = "registry"
USER = "cluster"
PASSWORD, CERTIFICATE, KEY = "registry_password", "registry_certificate", "registry_key"
CERTIFICATES = "/etc/docker/certs.d"
"""Where an engine looks for a registry's certificate: https://docs.docker.com/engine/security/certificates/"""
DEFAULT_PORT = 5000
SECONDS_TO_ANSWER = 60


@dataclass(frozen=True)
class Registry:
    """A registry as the nodes reach it."""

    prefix: str
    """In front of an image's name, e.g. `192.168.1.5:5000` or `registry.example.org/home`."""
    is_own: bool = False
    password: str = ""
    """Of the cluster's own registry; another one's is in the user's own Docker configuration."""

    @property
    def host(self) -> str:
        return self.prefix.partition("/")[0]

    @property
    def auth(self) -> dict[str, str] | None:
        """For the SDK."""
        return {"username": USER, "password": self.password} if self.is_own else None

    def reference(self, image: str, tag: str) -> str:
        """What an image is called there: without the registry that it came from."""
        name = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
        return f"{self.prefix}/{name}:{tag}"

    @contextmanager
    def docker_config(self) -> Iterator[dict[str, str]]:
        """The environment in which the Docker CLI knows the password; for another one, nothing."""
        if not self.is_own:
            yield {}
            return
        with files.temporary_folder("registry-") as folder:
            token = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
            text = json.dumps({"auths": {self.host: {"auth": token}}})
            with files.create(folder / "config.json") as stream:
                stream.write(text.encode())
            # The context is in the configuration that this one replaces.
            yield {"DOCKER_CONFIG": str(folder), "DOCKER_HOST": docker_engine.endpoint().host}


def of(root: Path, address: str) -> Registry:
    """The registry of a checkout; its own one is on the node with `address`."""
    if named := dotenv.setting(root, "CLUSTER_REGISTRY"):
        return Registry(named.rstrip("/"))
    bracketed = f"[{address}]" if ":" in address else address
    return Registry(f"{bracketed}:{port(root)}", True, secrets.read(root, PASSWORD))


def port(root: Path) -> int:
    """The port of the own registry on its node."""
    text = dotenv.setting(root, "CLUSTER_REGISTRY_PORT") or str(DEFAULT_PORT)
    if not is_port(text):
        raise Failure(
            f"CLUSTER_REGISTRY_PORT is {text!r}, which is not a port number.",
            f"Correct it in .env, for example: CLUSTER_REGISTRY_PORT={DEFAULT_PORT}",
        )
    return int(text)


def ensure_secrets(client: DockerClient, root: Path, image: str, address: str) -> None:
    """Write the own registry's password, key and certificate where they are missing.

    `image` is the registry's, which has the program that makes a certificate.
    """
    if not secrets.read(root, PASSWORD):
        secrets.replace(root, PASSWORD, random.token_urlsafe(24))
    mark = root / ".secrets" / "registry_address"
    if secrets.read(root, KEY) and secrets.read(root, "registry_address") == address:
        return
    made = output_of(client, image, "make-certificate", address, network_mode="none")
    key, certificate = split_pem(made.decode())
    secrets.replace(root, KEY, key)
    secrets.replace(root, CERTIFICATE, certificate)
    secrets.replace(root, mark.name, address)


def split_pem(text: str) -> tuple[str, str]:
    """The key and the certificate in a PEM text."""
    blocks = re.findall(r"-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", text, re.S)
    key = next(block for block in blocks if "PRIVATE KEY" in block)
    certificate = next(block for block in blocks if "CERTIFICATE" in block)
    return key, certificate


def trust(client: DockerClient, registry: Registry, root: Path, image: str) -> None:
    """Let this machine's engine trust the own registry's certificate, as root of the engine."""
    from docker.types import Mount

    if not registry.is_own:
        return
    script = f'mkdir -p "/to/{registry.host}" && cat >"/to/{registry.host}/ca.crt"'
    text = secrets.read(root, CERTIFICATE)
    output_of(
        client,
        image,
        *("bash", "-c", f"printf '%s\\n' \"$CERTIFICATE\" | ( {script} )"),
        environment={"CERTIFICATE": text},
        user="0",
        mounts=[Mount("/to", CERTIFICATES, type="bind")] if _exists() else [],
        volumes=None if _exists() else {CERTIFICATES: {"bind": "/to", "mode": "rw"}},
        network_mode="none",
        userns_mode="host",
        security_opt=["label=disable"],
    )


def _exists() -> bool:
    return Path(CERTIFICATES).is_dir()


def trust_command(registry: Registry, root: Path) -> str:
    """The shell command with which another machine's engine trusts the own registry."""
    if not registry.is_own:
        return ""
    text = base64.b64encode(secrets.read(root, CERTIFICATE).encode()).decode()
    folder = f"{CERTIFICATES}/{registry.host}"
    return f"mkdir -p {folder} && echo {text} | base64 -d > {folder}/ca.crt"


def wait_until_it_answers(client: DockerClient, registry: Registry) -> None:
    """Raises Failure where it does not answer, or refuses the password."""
    from docker.errors import APIError

    def logged_in() -> bool:
        assert registry.auth
        client.login(registry=registry.host, reauth=True, **registry.auth)
        return True

    if not registry.is_own:
        return
    try:
        with step(f"Waiting until the registry answers at {registry.host}"):
            wait_until(
                *("the registry", logged_in), seconds=SECONDS_TO_ANSWER, ignoring=(APIError,)
            )
    except NeverHappened as error:
        raise away(registry) from error


def away(registry: Registry) -> Failure:
    """The Failure for a registry that does not take or give an image."""
    return Failure(
        f"The registry at {registry.host} does not answer; what runs goes on as it is.",
        "See why: inv cluster.status   and: inv cluster.logs registry; then type the command again",
    )


def push(client: DockerClient, registry: Registry, image: str, tag: str) -> str:
    """Put an image that this engine has into the registry; returns its name there.

    Raises Failure; the images that are there stay.
    """
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    reference = registry.reference(image, tag)
    repository = reference.rpartition(":")[0]
    client.images.get(image).tag(repository, tag)
    try:
        with step(f"Putting {repository.rpartition('/')[2]} into the registry") as detail:
            lines: Any = client.images.push(
                repository, tag, auth_config=registry.auth, stream=True, decode=True
            )
            for line in lines:
                if "error" in line:
                    raise _refused(registry, line["error"])
                detail(line.get("status", ""))
    except (DockerException, RequestException) as error:
        raise away(registry) from error
    return reference


def _refused(registry: Registry, said: str) -> Failure:
    if "no space left" in said:
        return Failure(
            f"The registry at {registry.host} has no room for the image.",
            "Make room on its node's disk, then type the command again",
        )
    if re.search("unauthorized|denied|no basic auth", said):
        return Failure(
            f"The registry at {registry.host} refuses the password.",
            f"Type: docker login {registry.host}   then the command again",
        )
    return away(registry)


def comes_from_a_registry(client: DockerClient, image: str) -> bool:
    """Whether the nodes can get an image under its own name: it was pulled under that."""
    if not base_images.is_local(client, image):
        return True
    name = image.rpartition(":")[0] or image
    digests = client.images.get(image).attrs.get("RepoDigests") or []
    return any(digest.partition("@")[0] == name for digest in digests)
