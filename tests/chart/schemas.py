"""The rendered objects against the schemas of Kubernetes' versions, with no unknown field.

The schema of CloudNativePG's Cluster comes with its operator, which no package registry has.
cloudnativepg.json beside this file has the fields that the chart writes, by the operator's API
reference, and refuses any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import jsonschema
import kubernetes_validate as kubernetes

from tests.chart import rendering
from tests.chart.rendering import Object

VERSIONS = ("1.30", "1.34", "1.37")
"""The oldest of Chart.yaml's kubeVersion, one between, and the newest that the package has."""

CLOUD_NATIVE_PG = Path(__file__).with_name("cloudnativepg.json")


def outdated() -> Iterator[str]:
    """Whether VERSIONS are still those that the chart names and the package has."""
    stated = rendering.read(rendering.CHART / "Chart.yaml")["kubeVersion"]
    if stated != f">={VERSIONS[0]}.0-0":
        yield f"Chart.yaml has kubeVersion {stated}; the oldest one here is {VERSIONS[0]}"
    if not kubernetes.latest_version().startswith(f"{VERSIONS[-1]}."):
        yield f"there are schemas of {kubernetes.latest_version()}: validate against them"


def faults(objects: Iterable[Object]) -> Iterator[str]:
    """What the schemas do not accept, as lines."""
    for each in objects:
        name = f"{each['kind']} {each['metadata']['name']}"
        if each["apiVersion"].startswith("postgresql.cnpg.io/"):
            yield from (f"{name}: {fault}" for fault in _of_cloud_native_pg(each))
            continue
        for version in VERSIONS:
            try:
                kubernetes.validate(each, version, strict=True)
            except kubernetes.ValidationError as error:
                path = "/".join(map(str, error.path))
                yield f"{name}, Kubernetes {version}: {path}: {error.message}"
            except kubernetes.SchemaNotFoundError as error:
                yield f"{name}: {error.message}"


def _of_cloud_native_pg(cluster: Object) -> Iterator[str]:
    schema = json.loads(CLOUD_NATIVE_PG.read_text(encoding="utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(cluster):
        yield f"{'/'.join(map(str, error.path))}: {error.message}"
