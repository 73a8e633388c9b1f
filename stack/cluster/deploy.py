"""Handing the stack to Swarm: its images, secrets and file, and waiting until it is as asked.

Swarm judges an update: a replica that does not get healthy, or ends while it is watched, ends the
update, and Swarm takes the old version back (`failure_action: rollback` in compose/cluster.yml).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stack.cluster import networks, objects, registry, stack_file, swarm
from stack.cluster.cluster import Cluster
from stack.cluster.project import ClusterProject
from stack.cluster.registry import Registry
from stack.cluster.stack_file import Config, Facts, Image
from stack.compose.project import Project
from stack.core.console import Failure, print_output, say, step
from stack.core.process import shell_command
from stack.engine import refusals
from stack.images import base_images, cluster_images

if TYPE_CHECKING:
    from docker.models.services import Service

APP = "app"
APP_ONLY = frozenset({APP})
TAG_LENGTH = 12

IMAGE_BEFORE = "alarm.cluster.image-before"
"""On the app's service: the image of the version that served before this one."""


@dataclass(frozen=True)
class Deployment:
    """A cluster with the settings and images that it is to have."""

    cluster: Cluster
    """Its project is prepared: base images, and what is on each network."""
    registry: Registry

    @property
    def project(self) -> ClusterProject:
        return self.cluster.project

    @cached_property
    def config(self) -> Config:
        """What Docker Compose makes of its files with the settings. Raises Failure."""
        asked = self.project.capture("config", "--format", "json")
        if asked.returncode != 0:
            print_output(asked.stderr.splitlines())
            raise Failure(
                "Docker Compose cannot read its files with these settings.",
                "Correct what it says above, in .env or in compose/",
            )
        found: Config = json.loads(asked.stdout)
        return found

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset() if self.registry.is_own else frozenset({registry.SERVICE})

    def images_of(self, *, only: frozenset[str] | None = None) -> set[str]:
        """The images of the services that Swarm runs."""
        return {
            settings["image"]
            for name, settings in self.config["services"].items()
            if stack_file.is_of_swarm(settings)
            and name not in self.left_out
            and (only is None or name in only)
        }


def prepared(cluster: Cluster, settings: Project, used: Registry) -> Deployment:
    """The deployment of a prepared project: with networks, of which the app trusts one."""
    made = networks.ensure(cluster)
    project = settings.with_settings(
        CLUSTER_FRONT=networks.subnet(made["front"]),
        CLUSTER_DATA_NODE=swarm.data_constraint(cluster.name),
        CLUSTER_PLACE=f"{swarm.identity(cluster.client)}/{cluster.name}",
    )
    assert isinstance(project, ClusterProject)
    return Deployment(replace(cluster, project=project), used)


def build_own_images(deployment: Deployment, only: frozenset[str] | None = None) -> None:
    """Build the images of the cluster's own services, where they are missing or old."""
    chosen = dict(deployment.project.settings).get("PYTHON_IMAGE")
    python = chosen or base_images.defaults()["PYTHON_IMAGE"]
    cluster_images.build(deployment.cluster.client, deployment.images_of(only=only), python)


def build_images_of_compose(deployment: Deployment) -> None:
    """Build the images that the compose files describe, but the app's: a service for each image."""
    by_image = {
        settings["image"]: name
        for name, settings in reversed(deployment.config["services"].items())
        if settings.get("build") and name != APP
    }
    if by_image:
        deployment.project.run(
            "Building the images of the database",
            *("build", *sorted(by_image.values())),
            remedy="Correct what the lines above say, then: inv cluster",
        )


def push_images(deployment: Deployment) -> dict[str, str]:
    """Put what the nodes could not get elsewhere into the registry; references by image."""
    client, references = deployment.cluster.client, {}
    for image in sorted(deployment.images_of()):
        if _is_of_registry_service(image) or registry.comes_from_a_registry(client, image):
            references[image] = image
            continue
        tag = tag_of(client, image)
        references[image] = registry.push(client, deployment.registry, image, tag)
    return references


def _is_of_registry_service(image: str) -> bool:
    """Whether it is the registry itself: its node has it, and could get it from nowhere."""
    return image.startswith("alarm-bases/registry:")


def tag_of(client: Any, image: str) -> str:
    """A tag that no other image has: its content's hash."""
    return str(client.images.get(image).id).removeprefix("sha256:")[:TAG_LENGTH]


def make_file(
    deployment: Deployment, references: Mapping[str, str], replicas: Mapping[str, int] | None = None
) -> Config:
    """The file for Swarm; running replicas keep their number unless `replicas` says another."""
    client = deployment.cluster.client
    images = {image: _image(client, image, reference) for image, reference in references.items()}
    now = {name: number for name, number in running_numbers(deployment.cluster).items() if number}
    facts = Facts(
        images=images,
        objects=objects.ensure(deployment.cluster, deployment.config),
        replicas={**now, **(replicas or {})},
        leave_out=deployment.left_out,
        data_node=swarm.data_constraint(deployment.cluster.name),
    )
    made = stack_file.stack_file(deployment.config, facts)
    if service := deployment.cluster.service(APP):
        note_image_before(made["services"][APP], service)
    return made


def image_of(service: Service) -> str:
    """The image that a service asks for."""
    return str(service.attrs["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"])


def image_before(service: Service) -> str:
    """The image that a service asked for before this one; empty where there was none."""
    return str((service.attrs["Spec"].get("Labels") or {}).get(IMAGE_BEFORE, ""))


def is_same_image(one: str, other: str) -> bool:
    """Whether two references name one image: the engine adds a digest, and shortens some."""
    return _short(one) == _short(other)


def _short(image: str) -> str:
    name = image.partition("@")[0].removeprefix("index.").removeprefix("docker.io/")
    return name.removeprefix("library/")


def note_image_before(made: Config, service: Service) -> None:
    """Write into the app of the file which image the service has now, or had before the same."""
    now = image_of(service)
    if before := image_before(service) if is_same_image(now, made["image"]) else now:
        labels = made["deploy"].get("labels", {})
        made["deploy"]["labels"] = {**labels, IMAGE_BEFORE: before}


def _image(client: Any, image: str, reference: str) -> Image:
    if not base_images.is_local(client, image):
        base_images.pull(image)
    config = client.images.get(image).attrs["Config"]
    return Image(
        reference,
        tuple(config.get("Entrypoint") or ()),
        tuple(config.get("Cmd") or ()),
    )


def running_numbers(cluster: Cluster) -> dict[str, int]:
    """How many replicas each replicated service has now."""
    found = {}
    for name, service in cluster.services().items():
        replicated = service.attrs["Spec"]["Mode"].get("Replicated")
        if replicated:
            found[name] = int(replicated.get("Replicas", 1))
    return found


def only_services(made: Config, names: frozenset[str]) -> Config:
    """The file with some of its services."""
    return {**made, "services": {n: s for n, s in made["services"].items() if n in names}}


def hand_over(
    deployment: Deployment,
    made: Config,
    *,
    prune: bool,
    title: str = "Handing the stack to Swarm",
) -> None:
    """Run `docker stack deploy`. Raises Failure with what it says."""
    name = deployment.cluster.name
    argv = [
        *("docker", "stack", "deploy", "--detach=true", "--with-registry-auth"),
        *(["--prune"] if prune else []),
        *("--resolve-image", "changed", "--compose-file", "-", name),
    ]
    say(f"$ {shell_command(argv)} < (made of compose/)", style="dim")
    with step(title), deployment.registry.docker_config() as environment:
        done = subprocess.run(
            argv,
            cwd=deployment.cluster.root,
            env={**os.environ, **environment},
            input=json.dumps(made),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        said = done.stdout + done.stderr
        print_output(said.splitlines()[-15:])
        raise refusals.explain(said) or Failure(
            "Swarm does not take the stack.", "Correct what it says above, then: inv cluster"
        )
