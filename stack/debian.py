"""Debian and Ubuntu hosts: which release this is, where it gets its packages, installing some."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stack.commands import run_quietly
from stack.console import step
from stack.waiting import NeverHappened, wait_until

APT = Path("/etc/apt")

LISTS_LOCK = Path("/var/lib/apt/lists/lock")

LOCK_SECONDS = 120
"""How long another apt may hold its locks; unattended upgrades do so after a boot."""

APT_GET = (
    "apt-get",
    f"--option=DPkg::Lock::Timeout={LOCK_SECONDS}",
    "--option=Dpkg::Use-Pty=0",
    "--option=DPkg::Options::=--force-confold",
)

INSTALL = ("install", "--yes", "--no-install-recommends", "--no-remove")
"""Nothing that is there is taken away for what is asked for."""

NO_QUESTIONS = {"DEBIAN_FRONTEND": "noninteractive"}


@dataclass(frozen=True)
class Release:
    """A release of Debian or Ubuntu."""

    distribution: str
    """`debian` or `ubuntu`."""

    version: tuple[int, ...]
    """E.g. (12,) or (24, 4); testing and unstable have no number and count as (999,)."""

    codename: str


def release(facts: dict[str, str] | None = None) -> Release | None:
    """The release that this host runs, or None on anything but Debian and Ubuntu.

    `facts` are those of os-release(5), which this host's file gives by default.
    """
    if facts is None:
        try:
            facts = platform.freedesktop_os_release()
        except OSError:
            return None
    if facts["ID"] not in ("debian", "ubuntu"):
        return None
    version = tuple(map(int, re.findall(r"\d+", facts.get("VERSION_ID", "999"))))
    return Release(facts["ID"], version, facts.get("VERSION_CODENAME", ""))


def is_root() -> bool:
    """Whether this process may install packages."""
    return os.geteuid() == 0


@dataclass(frozen=True)
class Source:
    """One entry of sources.list(5)."""

    types: tuple[str, ...]
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""
    """Path of a keyring, or the key itself, indented as deb822 has it; empty: apt's own keys."""


def sources(folder: Path = APT) -> list[Source]:
    """Every entry that apt reads below `folder`, in its order, in both styles."""
    found: list[Source] = []
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))):
        parse = {".list": one_line_style, ".sources": deb822_style}.get(path.suffix)
        if parse and path.is_file():
            found += parse(path.read_text(encoding="utf-8", errors="replace"))
    return found


def one_line_style(text: str) -> Iterator[Source]:
    """The entries of a `.list` file, e.g. `deb [signed-by=/key.gpg] uri suite main`."""
    pattern = r"^\s*(deb|deb-src)\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)([^#\n]*)"
    for kind, options, uri, suite, components in re.findall(pattern, text, re.M):
        signed_by = re.search(r"signed-by=(\S+)", options, re.I)
        yield Source(
            (kind,), (uri,), (suite,), tuple(components.split()), signed_by[1] if signed_by else ""
        )


def deb822_style(text: str) -> Iterator[Source]:
    """The entries of a `.sources` file that are not disabled."""
    uncommented = re.sub(r"^#.*\n?", "", text, flags=re.M)
    for stanza in re.split(r"\n\s*\n", uncommented):
        pairs = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.M)
        fields = {name.lower(): value.rstrip() for name, value in pairs}
        if {"types", "uris", "suites"} <= fields.keys() and fields.get("enabled", "yes") != "no":
            types, uris, suites, components = (
                tuple(fields.get(name, "").split())
                for name in ("types", "uris", "suites", "components")
            )
            yield Source(types, uris, suites, components, fields.get("signed-by", ""))


def archive(codename: str, entries: list[Source]) -> Source | None:
    """The entry that gives the release `codename` its main packages, with its first URI only.

    Others' repositories may use the same suite and component names, so a URI that also has the
    release's updates goes first: only the distribution's own mirrors have those.
    """
    found = [
        Source(("deb",), entry.uris[:1], (codename,), ("main",), entry.signed_by)
        for entry in entries
        if "deb" in entry.types and codename in entry.suites and "main" in entry.components
    ]
    updated = {
        uri for entry in entries if f"{codename}-updates" in entry.suites for uri in entry.uris
    }
    return min(found, key=lambda entry: entry.uris[0] not in updated, default=None)


def update() -> None:
    """Refresh apt's lists. Raises Failure with apt's own words before it."""
    # DPkg::Lock::Timeout is for dpkg's locks; for this one apt does not wait.
    if not _lists_are_free():
        with step("The end of another apt-get update"), contextlib.suppress(NeverHappened):
            wait_until("apt's lists", _lists_are_free, seconds=LOCK_SECONDS, every=0.5)
    run_quietly(
        "List of packages",
        [*APT_GET, "update"],
        remedy="Mend the source that apt names above, then type the command again",
        env=NO_QUESTIONS,
    )


def _lists_are_free() -> bool:
    with LISTS_LOCK.open("a") as lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def install(*packages: str) -> None:
    """Install `packages` and what they need, without asking. Raises Failure."""
    run_quietly(
        f"Packages {' '.join(packages)}",
        [*APT_GET, *INSTALL, *packages],
        remedy=f"See what apt says to: apt-get install {' '.join(packages)}",
        env=NO_QUESTIONS,
        shown_env=NO_QUESTIONS,
    )


def is_installed(package: str) -> bool:
    """Whether dpkg has `package` configured."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return answer.stdout == "installed"


def write(path: Path, text: str) -> None:
    """Write a file that apt reads, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(path)
