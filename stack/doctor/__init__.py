"""What this machine needs for the stack, checked one by one, each with its remedy.

Exit status: 0 when nothing keeps a stack from starting (hints do not count), 1 when something does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from stack.config.modes import ROOT
from stack.core.console import Failure, say, table
from stack.doctor import checkout, engines, leftovers, machine, networks
from stack.doctor.check import Check, attempt

__all__ = ["Check", "checks", "examine"]


def checks() -> Iterator[Check]:
    """Look at everything that can keep a stack from starting, or slows it down."""
    yield from attempt("Docker", engines.checks)
    client = engines.client()
    yield from attempt("machine", lambda: machine.checks(client))
    yield from attempt("port", networks.port)
    yield from attempt("proxies", lambda: networks.proxies(ROOT))
    yield from attempt("CA bundle", lambda: networks.bundle(ROOT))
    yield from attempt(".env", lambda: checkout.env(ROOT))
    yield from attempt(".secrets", lambda: checkout.secrets(ROOT, client))
    yield from attempt("executable files", lambda: checkout.executables(ROOT))
    yield from attempt(".venv", lambda: checkout.venv(ROOT))
    if client is not None:
        yield networks.registry(client)
        yield from attempt("leftovers", lambda: leftovers.checks(client))


def examine(*, as_json: bool, fix: bool = False) -> bool:
    """Look, mend if asked to, show a table (or JSON on standard output); whether all is well."""
    found = list(checks())
    if fix and (fixable := [check for check in found if not check.ok and check.fix]):
        for check in fixable:
            _mend(check)
        found = list(checks())
    if as_json:
        print(json.dumps([check.as_json() for check in found], indent=2))
    else:
        _show(found)
    return all(check.ok or check.is_hint for check in found)


def _mend(check: Check) -> None:
    assert check.fix is not None
    try:
        check.fix()
    except (Failure, OSError) as error:
        reason = error.what if isinstance(error, Failure) else error.strerror or str(error)
        say(f"✗ {check.name} could not be mended: {reason}", style="red")
    else:
        say(f"✓ mended: {check.name} ({check.found})", style="green")


def _show(found: list[Check]) -> None:
    table("", ("check", "", "found"), [(c.name, c.verdict, c.found) for c in found])
    bad = [check for check in found if not check.ok]
    for check in sorted(bad, key=lambda check: check.is_hint):
        sign, style = ("•", "") if check.is_hint else ("✗", "bold")
        say(f"{sign} {check.name}: {check.found}\n  → {check.remedy}", style=style)
    if fixable := [check.name for check in bad if check.fix]:
        say(f"Mended without root by inv doctor --fix: {', '.join(fixable)}", style="dim")
