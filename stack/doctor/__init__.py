"""Checks of what this machine needs for a stack, each with its remedy.

Exit status: 0 when nothing keeps a stack from starting (hints do not count), 1 when something does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from stack.config import external_database
from stack.config.modes import ROOT
from stack.core.console import Failure, say, table
from stack.doctor import (
    backend,
    checkout,
    engines,
    external,
    frontend,
    leftovers,
    machine,
    networks,
)
from stack.doctor.check import Check, attempt
from stack.engine import docker_engine

__all__ = ["Check", "checks", "examine"]


def checks() -> Iterator[Check]:
    """Check everything that can keep a stack from starting, or slow it down."""
    yield from attempt("Docker", engines.checks)
    client = docker_engine.connect_if_there()
    yield from attempt("machine", lambda: machine.checks(client))
    yield from attempt("port", networks.port)
    yield from attempt("proxies", lambda: networks.proxies(ROOT))
    yield from attempt("CA bundle", lambda: networks.bundle(ROOT))
    yield from attempt(".env", lambda: checkout.env(ROOT))
    yield from attempt("settings", lambda: checkout.values(ROOT))
    yield from attempt(".secrets", lambda: checkout.secrets(ROOT, client))
    yield from attempt("executable files", lambda: checkout.executables(ROOT))
    yield from attempt("frontend", lambda: frontend.checks(ROOT))
    yield from attempt(".venv", lambda: checkout.venv(ROOT))
    yield from backend.checks(ROOT, client)
    if external_database.is_set(ROOT):
        yield from attempt("external database", lambda: external.checks(ROOT, client))
    if client is not None:
        yield from attempt("published ports", networks.published_ports)
        yield networks.registry(client)
        yield from attempt("leftovers", lambda: leftovers.checks(client))


def examine(*, as_json: bool, fix: bool = False) -> bool:
    """Check, fix if asked to, print a table or JSON; returns whether a stack can start."""
    found = list(checks())
    if fix and (fixable := [check for check in found if not check.ok and check.fix]):
        for check in fixable:
            _fix(check)
        found = list(checks())
    if as_json:
        print(json.dumps([check.as_json() for check in found], indent=2))
    else:
        _show(found)
    return all(check.ok or check.is_hint for check in found)


def _fix(check: Check) -> None:
    assert check.fix is not None
    try:
        check.fix()
    except (Failure, OSError) as error:
        reason = error.what if isinstance(error, Failure) else error.strerror or str(error)
        say(f"✗ {check.name} could not be fixed: {reason}", style="red")
    else:
        say(f"✓ fixed: {check.name} ({check.found})", style="green")


def _show(found: list[Check]) -> None:
    table("", ("check", "", "found"), [(c.name, c.verdict, c.found) for c in found])
    bad = [check for check in found if not check.ok]
    for check in sorted(bad, key=lambda check: check.is_hint):
        sign, style = ("•", "") if check.is_hint else ("✗", "bold")
        say(f"{sign} {check.name}: {check.found}\n  → {check.remedy}", style=style)
    if fixable := [check.name for check in bad if check.fix]:
        say(f"inv doctor --fix corrects without root: {', '.join(fixable)}", style="dim")
