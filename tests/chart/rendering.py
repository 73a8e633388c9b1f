"""The chart's objects, as Helm's own code renders them (helm-python-sdk holds it); no cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

from stack.config.modes import ROOT

CHART = ROOT / "deploy" / "chart"
VALUES = Path(__file__).with_name("values")
RELEASE, NAMESPACE = "panel", "home"
NAME = f"{RELEASE}-alarm"
"""What the release's objects are called."""

Object = dict[str, Any]


@dataclass(frozen=True)
class Rendered:
    """What a release consists of."""

    objects: list[Object]
    notes: str
    """What Helm prints after an installation."""

    def of(self, kind: str, name: str = NAME) -> Object:
        """The object of that kind and name; KeyError where there is none."""
        for each in self.objects:
            if (each["kind"], each["metadata"]["name"]) == (kind, name):
                return each
        raise KeyError(f"{kind} {name}")

    def kinds(self) -> list[str]:
        return sorted({str(each["kind"]) for each in self.objects})


def sets() -> dict[str, Object]:
    """The sets of values that the checks render, by the names of their files."""
    return {file.stem: read(file) for file in sorted(VALUES.glob("*.yaml"))}


def read(file: Path) -> Object:
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")))


def merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> Object:
    """The values with changes in them, as `helm --set` makes them."""
    result = dict(values)
    for name, value in changes.items():
        inner = result.get(name)
        both = isinstance(value, dict) and isinstance(inner, dict)
        result[name] = merged(inner, value) if both and inner is not None else value
    return result


def render(values: Object) -> Rendered:
    """Render with the check of the schema that an installation makes. Raises helm.HelmError."""
    with helm.Chart.load(CHART) as chart:
        chart.validate_schema(values)
        texts = chart.render(values, name=RELEASE, namespace=NAMESPACE)
    notes = next(text for name, text in texts.items() if name.endswith("/NOTES.txt"))
    return Rendered([*_objects(texts)], notes)


def _objects(texts: Mapping[str, str]) -> Iterator[Object]:
    for name, text in texts.items():
        if not name.endswith("/NOTES.txt"):
            yield from filter(None, yaml.safe_load_all(text))


def lint(values: Object) -> list[str]:
    """What `helm lint --strict` finds; its advice to have an icon is left out."""
    report = helm.lint(CHART, values, strict=True)
    advice = 1  # its severity
    found = [each["error"] for each in report["messages"] if each["severity"] > advice]
    return [*found, *report["errors"]]
