"""python -m tests.chart [--only NAME…]: render, validate, scan and run the chart.

Exit status 1 on a fault. None of it needs a cluster, and none of it stands for one: what has not
been run on a cluster is in docs/kubernetes.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import helm_python as helm

from stack.core.console import Failure, print_output, say, step, table
from stack.core.polling import NeverHappened
from tests.chart import played, promises, refusals, rendering, scanner, schemas
from tests.engines import project
from tests.engines.nested import CommandFailed

Result = tuple[list[str], str]
"""The faults of a check, and what it has looked at."""


def lint() -> Result:
    found = [f"{n}: {fault}" for n, v in rendering.sets().items() for fault in rendering.lint(v)]
    return found, f"Helm {helm.helm_sdk_version()}, {len(rendering.sets())} sets of values"


def promise() -> Result:
    """Whether each set renders, and keeps what promises.py says."""
    sets = rendering.sets()
    found = [f"{n}: {fault}" for n, v in sets.items() for fault in promises.faults(v)]
    kinds = {kind for v in sets.values() for kind in rendering.render(v).kinds()}
    return found, f"{len(promises.PROMISES)} promises; {', '.join(sorted(kinds))}"


def validate() -> Result:
    every = [(n, rendering.render(v).objects) for n, v in rendering.sets().items()]
    found = [f"{n}: {fault}" for n, objects in every for fault in schemas.faults(objects)]
    found += schemas.outdated()
    versions = f"Kubernetes {', '.join(schemas.VERSIONS)}"
    return found, f"{versions}; CloudNativePG by our own list of fields, not by its schema"


def scan() -> Result:
    return scanner.scan({n: rendering.render(v).objects for n, v in rendering.sets().items()})


def refuse() -> Result:
    count = len(refusals.SENTENCES) + len(refusals.OF_THE_SCHEMA)
    return refusals.faults(), f"{count} bad values refused"


def play() -> Result:
    project.have_base_images()
    try:
        return [], played.play()
    except (CommandFailed, NeverHappened) as error:
        return [str(error)], "see .engines/chart.log"


CHECKS: dict[str, Callable[[], Result]] = {
    "lint": lint,
    "promises": promise,
    "schemas": validate,
    "refusals": refuse,
    "scanner": scan,
    "podman": play,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="nox -s chart --", description=__doc__)
    names = ", ".join(CHECKS)
    parser.add_argument("--only", action="append", choices=CHECKS, metavar="NAME", help=names)
    only = parser.parse_args().only or list(CHECKS)
    rows, faults = [], []
    for name in only:
        with step(f"chart: {name}"):
            began = time.monotonic()
            found, seen = CHECKS[name]()
        verdict = f"{len(found)} faults" if found else "passed"
        rows.append((name, verdict, f"{time.monotonic() - began:.0f} s", seen))
        faults += [f"✗ {name}: {fault}" for fault in found]
    table("", ("check", "result", "time", "what was looked at"), rows)
    print_output(faults)
    say("No cluster was there: docs/kubernetes.md says what has not been run on one.")
    return 1 if faults else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
