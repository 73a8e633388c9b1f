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

from stack.core.console import step
from stack.core.polling import NeverHappened, wait_until
from stack.core.process import run_quietly

APT = Path("/etc/apt")

LISTS_LOCK = Path("/var/lib/apt/lists/lock")

LOCK_SECONDS = 120
"""How long another apt may hold its locks, e.g. unattended upgrades after a boot."""

APT_GET = (
    "apt-get",
    f"--option=DPkg::Lock::Timeout={LOCK_SECONDS}",
    "--option=Dpkg::Use-Pty=0",
    "--option=DPkg::Options::=--force-confold",
)

INSTALL = ("install", "--yes", "--no-install-recommends", "--no-remove")
NO_QUESTIONS = {"DEBIAN_FRONTEND": "noninteractive"}


@dataclass(frozen=True)
class Release:
    """A release of Debian or Ubuntu."""

    distribution: str
    """`debian` or `ubuntu`."""

    version: tuple[int, ...]
    """E.g. (12,) or (24, 4); testing and unstable have no number and count as (999,)."""

    codename: str


def release() -> Release | None:
    """The release that this host runs, or None on anything but Debian and Ubuntu."""
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
    """A suite at a URI, by an entry of sources.list(5) for binary packages."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""
    """Path of a keyring, or the key itself, indented as deb822 has it; empty: apt's own keys."""


def sources(folder: Path = APT) -> list[Source]:
    """What the entries below `folder` name, in apt's order, in both styles."""
    found: list[Source] = []
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))):
        parse = {".list": one_line_style, ".sources": deb822_style}.get(path.suffix)
        if parse and path.is_file():
            found += parse(path.read_text(encoding="utf-8", errors="replace"))
    return found


def one_line_style(text: str) -> Iterator[Source]:
    """The entries of a `.list` file, e.g. `deb [signed-by=/key.gpg] uri suite main`."""
    pattern = r"^\s*deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)([^#\n]*)"
    for options, uri, suite, components in re.findall(pattern, text, re.M):
        signed_by = re.search(r"signed-by=(\S+)", options, re.I)
        yield Source(uri, suite, tuple(components.split()), signed_by[1] if signed_by else "")


def deb822_style(text: str) -> Iterator[Source]:
    """The entries of a `.sources` file that are not disabled."""
    uncommented = re.sub(r"^#.*\n?", "", text, flags=re.M)
    for stanza in re.split(r"\n\s*\n", uncommented):
        pairs = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.M)
        fields = {name.lower(): value.rstrip() for name, value in pairs}
        if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes") != "no":
            components = tuple(fields.get("components", "").split())
            for uri in fields.get("uris", "").split():
                for suite in fields.get("suites", "").split():
                    yield Source(uri, suite, components, fields.get("signed-by", ""))


def archive(codename: str, entries: list[Source]) -> Source | None:
    """The entry that gives the release `codename` its main packages.

    A vendor's repository may use the same names of suite and component. So a URI that also has the
    release's updates goes first: only the distribution's mirrors have those.
    """
    found = [entry for entry in entries if entry.suite == codename and "main" in entry.components]
    updated = {entry.uri for entry in entries if entry.suite == f"{codename}-updates"}
    return min(found, key=lambda entry: entry.uri not in updated, default=None)


def update() -> None:
    """Refresh apt's lists. Raises Failure, after apt's last lines."""
    # apt does not wait for this lock: DPkg::Lock::Timeout is for those of dpkg.
    if not _lists_are_free():
        with step("Waiting for another apt-get update"), contextlib.suppress(NeverHappened):
            wait_until("apt's lists", _lists_are_free, seconds=LOCK_SECONDS)
    run_quietly(
        "List of packages",
        [*APT_GET, "update"],
        remedy="Correct the source that apt names above, then type the command again",
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
