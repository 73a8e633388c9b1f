"""Installing Docker Engine from Debian's or Ubuntu's own packages, and starting it.

Nothing that is installed is removed, stopped or configured.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stack.core import files
from stack.core.console import Failure, print_output, step
from stack.core.polling import NeverHappened, wait_until
from stack.core.process import TAIL, run_quietly
from stack.engine import debian
from stack.engine.versions import MINIMUM_COMPOSE, MINIMUM_ENGINE, Facts, dotted

OLDEST = {"debian": (12,), "ubuntu": (24, 4)}
"""The first release of each for which new enough packages exist."""

BACKPORT = "trixie"
"""The suite from which Debian 12 takes these packages, which need libc6 >= 2.34 only: its own
Docker 20.10 knows neither `start_interval` nor `COPY --link`."""

SOURCES = debian.APT / "sources.list.d" / "alarm-engine.sources"
PREFERENCES = debian.APT / "preferences.d" / "alarm-engine.pref"

PLUGINS = {
    "debian": {"compose": "docker-compose", "buildx": "docker-buildx"},
    "ubuntu": {"compose": "docker-compose-v2", "buildx": "docker-buildx"},
    "docker-ce": {"compose": "docker-compose-plugin", "buildx": "docker-buildx-plugin"},
}
"""The plugins' packages, by the origin of the engine's package: docker-ce is Docker's own."""

ENGINE = {
    "debian": ("docker.io", "docker-cli", *PLUGINS["debian"].values(), "containerd"),
    "ubuntu": ("docker.io", *PLUGINS["ubuntu"].values()),
}

START_SECONDS = 30
"""How long an engine may take from its start to its first answer. Usual: 1 to 3."""

LOG = Path("/var/log/docker.log")
"""The log of a dockerd that is started here, without systemd."""

PID_FILE = Path("/run/docker.pid")
PID_FILES = {PID_FILE: "dockerd", Path("/run/docker/containerd/containerd.pid"): "containerd"}
"""The files with the process ids of dockerd and of its containerd."""

AS_ROOT = "Type: sudo ./bootstrap inv engine"
READ_LOG = f"Correct what its log names ({LOG}, or journalctl -u docker), then type: inv engine"
INSTALL_BY_HAND = "Install Docker Engine as docs.docker.com/engine/install says, then: inv doctor"


def _path() -> str:
    """PATH with the folders of daemons, which may be missing, also for root."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


def _changeable_host() -> debian.Release:
    """The Debian or Ubuntu to install on. Raises Failure on other systems, and without root."""
    host = debian.release()
    if host is None or host.version < OLDEST[host.distribution]:
        remedy = INSTALL_BY_HAND
        if sys.platform == "darwin":
            remedy = "Start Docker Desktop (docs.docker.com/desktop)"
        raise Failure("Cannot install Docker Engine on this system.", remedy)
    if not debian.is_root():
        raise Failure("It takes root to install Docker Engine.", AS_ROOT)
    return host


def install_engine() -> None:
    """Install Docker Engine, Compose and Buildx, unless a dockerd is there. Raises Failure."""
    if shutil.which("dockerd", path=_path()):
        return
    host = _changeable_host()
    _refresh(host)
    debian.install(*ENGINE[host.distribution], "iptables")


def engine_failure(facts: Facts) -> Failure:
    """What is wrong with the engine that answers."""
    if facts.is_podman:
        remedy = "Build and start without inv, as docs/engines.md says; or install Docker Engine"
        return Failure(f"Podman {facts.server} answers; inv needs Docker Engine.", remedy)
    return Failure(
        f"Docker Engine {facts.server} is too old; {dotted(MINIMUM_ENGINE)} is needed.",
        INSTALL_BY_HAND,
    )


def plugin_failures(facts: Facts) -> dict[str, Failure]:
    """What is wrong with the plugins `compose` and `buildx`, by name. Installs nothing."""
    failures = {}
    if not facts.compose_is_new_enough:
        needed = f"Docker Compose >= {dotted(MINIMUM_COMPOSE)}"
        failures["compose"] = _plugin_failure("compose", needed, facts.compose)
    if not facts.buildx_is_new_enough:
        needed = f"Buildx >= {dotted(facts.needed_buildx)}"
        failures["buildx"] = _plugin_failure("buildx", needed, facts.buildx)
    return failures


def _plugin_failure(plugin: str, needed: str, found: str | None) -> Failure:
    if found is not None:
        return Failure(f"{needed} is needed; this one is {found}.", INSTALL_BY_HAND)
    host = debian.release()
    if host is None:
        return Failure(f"{needed} is missing.", INSTALL_BY_HAND)
    origin = "docker-ce" if debian.is_installed("docker-ce-cli") else host.distribution
    package = PLUGINS[origin][plugin]
    if debian.is_installed(package):
        return Failure(
            f"The package {package} is installed, but docker {plugin} does not run.",
            f"Type: docker {plugin} version   (it says why)",
        )
    return Failure(f"{needed} is missing.", f"Type: sudo apt-get install {package}")


def _refresh(host: debian.Release) -> None:
    """Refresh apt's lists; on Debian 12, let the engine's packages alone come from Debian 13."""
    if (host.distribution, host.version) != ("debian", (12,)):
        debian.update()
        return
    archive = debian.archive(host.codename, debian.sources())
    if archive is None:
        raise Failure(f"apt has no entry for {host.codename} main.", "Add one, then: inv engine")
    files.replace(SOURCES, sources_text(archive).encode(), 0o644)
    files.replace(PREFERENCES, preferences_text(ENGINE["debian"]).encode(), 0o644)
    try:
        debian.update()
    except Failure:
        SOURCES.unlink()
        PREFERENCES.unlink()
        raise


def sources_text(archive: debian.Source) -> str:
    """The entry for BACKPORT, in deb822 style, on the mirror that the host uses already."""
    signed_by = f"Signed-By: {archive.signed_by}\n" if archive.signed_by else ""
    return (
        "# Written by `inv engine`: Debian 12 takes its Docker packages from here.\n"
        f"Types: deb\nURIs: {archive.uri}\nSuites: {BACKPORT}\nComponents: main\n{signed_by}"
    )


def preferences_text(packages: tuple[str, ...]) -> str:
    """Pins by apt_preferences(5): `packages` come from BACKPORT, others only when asked for."""
    return (
        "# Written by `inv engine`, together with alarm-engine.sources.\n"
        f"Package: *\nPin: release n={BACKPORT}\nPin-Priority: 100\n\n"
        f"Package: {' '.join(packages)}\nPin: release n={BACKPORT}\nPin-Priority: 900\n"
    )


def start(answer: Callable[[], object]) -> None:
    """Start the engine that is installed, unless it is starting already, and wait for `answer`.

    Raises Failure, after printing the last lines of the engine's log.
    """
    if not debian.is_root():
        raise Failure("It takes root to start Docker Engine.", AS_ROOT)
    launched, seen = None, LOG.stat().st_size if LOG.exists() else 0
    if Path("/run/systemd/system").is_dir():
        service = ["systemctl", "start", "docker"]
        run_quietly("Docker Engine's service", service, remedy=READ_LOG)
    elif not _is_running(PID_FILE, "dockerd"):
        launched = _launch()
    try:
        with step("Waiting for Docker Engine"):
            _await(answer, launched)
    except Failure:
        if LOG.exists():
            print_output(LOG.read_bytes()[seen:].decode(errors="replace").splitlines()[-TAIL:])
        raise


def _launch() -> subprocess.Popen[bytes]:
    """Run dockerd in a session of its own, so that it outlives this process and its terminal."""
    # After a crash, such a file may have the number of any process, and then dockerd refuses to
    # start: https://github.com/docker-library/docker/issues/104
    for pid_file, program in PID_FILES.items():
        if not _is_running(pid_file, program):
            pid_file.unlink(missing_ok=True)
    with LOG.open("ab") as log:
        return subprocess.Popen(
            ["dockerd"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={**os.environ, "PATH": _path()},
            start_new_session=True,
        )


def _is_running(pid_file: Path, program: str) -> bool:
    """Whether `pid_file` names a process of `program`."""
    try:
        pid = int(pid_file.read_text())
        return Path(f"/proc/{pid}/comm").read_text().strip() == program
    except (OSError, ValueError):
        return False


def _await(answer: Callable[[], object], launched: subprocess.Popen[bytes] | None) -> None:
    def answer_or_end() -> object:
        if launched is not None and launched.poll() is not None:
            raise Failure(f"dockerd ended with status {launched.returncode}.", READ_LOG)
        return answer()

    try:
        wait_until("the Docker engine's first answer", answer_or_end, seconds=START_SECONDS)
    except NeverHappened as error:
        raise Failure(f"No Docker engine answers after {START_SECONDS} s.", READ_LOG) from error
