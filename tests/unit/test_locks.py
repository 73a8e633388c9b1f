"""The lock files: what is installed together must agree."""

from __future__ import annotations

import re
from collections import defaultdict

from stack.config.modes import ROOT


def test_every_package_has_one_version_in_all_lock_files() -> None:
    versions: dict[str, set[str]] = defaultdict(set)
    for source in (*ROOT.glob("*/*.in"), *ROOT.glob("docker/*/*.in")):
        text = source.with_suffix(".txt").read_text(encoding="utf-8")
        # A marker, e.g. `; python_version < "3.12"`, may choose between two lines.
        for name, version in re.findall(r"^(\S+)==(\S+) (?!;)", text, re.M):
            versions[name].add(version)
    assert len(versions) > 100
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
