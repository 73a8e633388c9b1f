"""Judges of the locked packages, by what is published of their faults.

Both ask the network. Where it does not answer they say so in their report and may still end with 0,
so here a package counts as judged only when the report says that it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version

from stack.config.modes import ROOT
from tests.audit.verdict import Finding, Judge, NotRun, run
from tests.smoke.own_stack import known_files


def pip_audit() -> list[Finding]:
    """Every locked Python package."""
    locks = [name for name in known_files() if "requirements" in name and name.endswith(".txt")]
    named = [option for lock in locks for option in ("--requirement", lock)]
    command = ("pip-audit", "--disable-pip", "--require-hashes", "--format", "json", *named)
    told = run(*command).stdout
    if not told.strip():
        raise NotRun("it gave no report")
    packages = json.loads(told)["dependencies"]
    findings = [
        Finding(fault["id"], package["name"], f"fixed in {fault['fix_versions'] or 'no version'}")
        for package in packages
        for fault in package.get("vulns", ())
    ]
    unknown = sum("skip_reason" in package for package in packages)
    if unknown or not packages:
        raise NotRun(f"it had no data on {unknown} of {len(packages)} packages", findings)
    return findings


def npm_audit() -> Iterator[Finding]:
    """Every locked npm package, those of the build included."""
    told = json.loads(run("npm", "audit", "--json", cwd=ROOT / "frontend").stdout)
    if "auditReportVersion" not in told:
        why, _, _address = str(told.get("message", "no report")).partition(" - ")
        raise NotRun(f"the registry gave it no data: {why}")
    for name, fault in told["vulnerabilities"].items():
        yield Finding(f"npm-{fault['severity']}", name, f"in {fault['range']}")


def judges() -> tuple[Judge, ...]:
    """Both of them."""
    npm = run("npm", "--version").stdout.strip()
    return (
        Judge("pip-audit", version("pip-audit"), pip_audit),
        Judge("npm audit", npm, npm_audit),
    )
