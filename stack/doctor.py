"""What this machine needs for the stack, checked one by one, each with its remedy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from stack import certificates, engine, env_file, images, ports
from stack.console import Failure, say, table
from stack.modes import MODES, ROOT, standard

GIB = 1024**3

DISK_GIB = 4
"""What images, build cache and a young database take, with room to breathe."""

LEAST_DISK_GIB = 1
"""With less than this, a start is not tried."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `remedy` says what to type when `ok` is false."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def checks() -> Iterator[Check]:
    """Look at everything that can keep a stack from starting."""
    facts = engine.find()
    least = ".".join(map(str, engine.MINIMUM_COMPOSE))
    needed = ".".join(map(str, engine.MINIMUM_ENGINE[:2]))
    yield Check(
        f"Docker Engine >= {needed}",
        facts.server_is_new_enough,
        facts.server or "none answers",
        "inv engine",
    )
    yield Check(
        f"Docker Compose >= {least}",
        facts.compose_is_new_enough,
        facts.compose or "missing",
        "inv engine",
    )
    yield Check("Buildx", facts.buildx is not None, facts.buildx or "missing", "inv engine")
    yield from _attempt("port", _port)
    yield _disk()
    yield from _attempt(".env", _env)
    yield from _attempt("CA bundle", _bundle)
    if facts.server is not None:
        yield _registry()


def _attempt(name: str, look: Callable[[], Check]) -> Iterator[Check]:
    """A check whose own failure is its finding."""
    try:
        yield look()
    except Failure as failure:
        yield Check(name, False, failure.what, failure.remedy)


def _port() -> Check:
    stack = standard(MODES["prod"])
    if not ports.is_taken(stack.port):
        return Check("port", True, f"{stack.port} is free")
    holder, remedy = ports.holder(stack.port)
    ours = holder in {mode.project for mode in MODES.values()}
    return Check("port", ours, f"{stack.port} is held by {holder}", remedy)


def _disk() -> Check:
    free = shutil.disk_usage(ROOT).free / GIB
    remedy = f"Free {DISK_GIB} GiB, for example: docker builder prune"
    return Check("disk", free >= DISK_GIB, f"{free:.1f} GiB free", remedy)


def require_disk() -> None:
    """Raise Failure when there is so little room that a start would end half-way."""
    free = shutil.disk_usage(ROOT).free / GIB
    if free < LEAST_DISK_GIB:
        raise Failure(
            f"Only {free:.1f} GiB are free; a start needs {LEAST_DISK_GIB}.",
            "Make room, for example: docker builder prune   (what takes it: docker system df)",
        )


def _env() -> Check:
    path = ROOT / ".env"
    values = env_file.read(path)
    if not path.exists():
        return Check(".env", True, "not there yet; inv dev and inv prod make it")
    return Check(".env", True, f"{len(values)} settings")


def _bundle() -> Check:
    bundle = certificates.ca_bundle(ROOT)
    return Check("CA bundle", True, str(bundle) if bundle else "none; images use their own")


def _registry() -> Check:
    default = images.defaults()["PYTHON_IMAGE"]
    client = engine.client()
    if images.registry_answers(client, default):
        return Check("registry", True, "answers")
    missing = [i for i in images.needed(ROOT).values() if not images.is_local(client, i)]
    stand_ins = images.stand_ins_present(client)
    found = "out of reach; the base images are here" if not missing or stand_ins else "out of reach"
    return Check("registry", not missing or stand_ins, found, "inv bases")


def examine(*, as_json: bool) -> bool:
    """Look, show a table (or JSON on standard output), and say whether all is well."""
    found = list(checks())
    if as_json:
        print(json.dumps([asdict(check) for check in found], indent=2))
    else:
        table(
            "",
            ("check", "", "found"),
            [(c.name, "ok" if c.ok else "failed", c.found) for c in found],
        )
        for check in found:
            if not check.ok:
                say(f"✗ {check.name}: {check.found}\n  → {check.remedy}", style="bold")
    return all(check.ok for check in found)
