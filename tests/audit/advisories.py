"""Scans of the locked packages for published vulnerabilities.

Both need the network. Without it they may end with status 0, so a package counts as scanned only
when the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version

from stack.adopt.contents import tracked_files
from stack.config.modes import ROOT
from tests.audit.scan import Finding, NotRun, Scan, run


def pip_audit() -> list[Finding]:
    """Every locked Python package."""
    locks = [name for name in tracked_files() if "requirements" in name and name.endswith(".txt")]
    named = [option for lock in locks for option in ("--requirement", lock)]
    command = ("pip-audit", "--disable-pip", "--require-hashes", "--format", "json", *named)
    output = run(*command).stdout
    if not output.strip():
        raise NotRun("it gave no report")
    packages = json.loads(output)["dependencies"]
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
    """Every locked npm package, with those of the build."""
    report = json.loads(run("npm", "audit", "--json", cwd=ROOT / "frontend").stdout)
    if "auditReportVersion" not in report:
        why, _, _address = str(report.get("message", "no report")).partition(" - ")
        raise NotRun(f"the registry gave it no data: {why}")
    for name, fault in report["vulnerabilities"].items():
        yield Finding(f"npm-{fault['severity']}", name, f"in {fault['range']}")


def scans() -> tuple[Scan, ...]:
    npm = run("npm", "--version").stdout.strip()
    return (
        Scan("pip-audit", version("pip-audit"), pip_audit),
        Scan("npm audit", npm, npm_audit),
    )
