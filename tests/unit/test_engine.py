"""Where an engine is looked for, and the remedy for each system."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from stack.core import files
from stack.core.console import Failure
from stack.engine import debian, docker_engine, install
from stack.engine.docker_engine import Endpoint
from stack.engine.versions import Facts

BOOKWORM = debian.Release("debian", (12,), "bookworm")


@pytest.fixture
def docker_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` that answers as the test says, alone on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3", "0.13.1+ds1"),
        ("github.com/docker/buildx v0.30.0 9e66234aa13328a5e75b75aa5574e1ca6d6d9c01", "0.30.0"),
        ("2.26.1-4", "2.26.1-4"),
        ("v2.30.0-desktop.2", "2.30.0-desktop.2"),
    ],
)
def test_plugins_say_their_version(docker_cli: Path, answer: str, expected: str) -> None:
    docker_cli.write_text(f"#!/bin/sh\necho '{answer}'\n")
    assert docker_engine._plugin("buildx") == expected


def test_a_missing_plugin_and_a_missing_cli(docker_cli: Path) -> None:
    assert docker_engine._plugin("compose", "--short") is None
    docker_cli.unlink()
    assert docker_engine._plugin("compose", "--short") is None


@pytest.fixture
def silent_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A socket without a server, chosen by DOCKER_HOST."""
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield path


def test_docker_host_takes_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://there:1")
    monkeypatch.setenv("DOCKER_CONTEXT", "nowhere")
    assert docker_engine.endpoint() == Endpoint("tcp://there:1", "unset DOCKER_HOST")


def test_a_missing_context_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    with pytest.raises(Failure, match="does not exist"):
        docker_engine.endpoint()


def test_the_default_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert docker_engine.endpoint().reset_command == ""


def test_no_answer_from_a_chosen_endpoint(silent_socket: Path) -> None:
    with pytest.raises(Failure) as raised:
        docker_engine.connect()
    assert str(silent_socket) in raised.value.what
    assert raised.value.remedy.endswith("unset DOCKER_HOST")


def test_a_socket_without_permission(silent_socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(Failure, match="You may not use") as raised:
        docker_engine.connect()
    assert "usermod -aG docker" in raised.value.remedy
    assert "inv local" in raised.value.remedy


def test_no_answer_from_the_default_endpoint() -> None:
    assert str(docker_engine._no_answer(Endpoint("unix:///nowhere"))) == (
        "✗ No Docker engine answers.\n  → Type: inv engine   (or do without: inv local)"
    )


def test_an_engine_that_answers_is_not_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Facts("26.1.5", "2.26.1", "0.13.1")
    monkeypatch.setattr(docker_engine, "find", lambda: facts)
    for name in ("install_engine", "start"):
        monkeypatch.delattr(install, name)
    assert docker_engine.ensure() == facts


@pytest.mark.parametrize(
    ("facts", "installed", "what", "remedy"),
    [
        (Facts("26.1.5", None, "0.13.1"), set(), "Compose >= 2.24.4 is missing", "docker-compose"),
        (Facts("26.1.5", "2.26.1", None), set(), "Buildx >= 0.13 is missing", "docker-buildx"),
        (
            *(Facts("28.5.2", None, "0.29.1"), {"docker-ce-cli"}),
            *("Compose >= 2.24.4 is missing", "docker-compose-plugin"),
        ),
        (
            *(Facts("26.1.5", None, "0.13.1"), {"docker-compose"}),
            *("docker-compose is installed, but docker compose does not run", "compose version"),
        ),
        (
            *(Facts("26.1.5", "2.20.0", "0.13.1"), {"docker-compose"}),
            *("Compose >= 2.24.4 is needed; this one is 2.20.0", "docs.docker.com"),
        ),
        (
            *(Facts("28.5.2", "5.6.1", "0.13.1"), {"docker-buildx"}),
            *("Buildx >= 0.17 is needed; this one is 0.13.1", "docs.docker.com"),
        ),
    ],
)
def test_nothing_is_installed_beside_an_engine(
    facts: Facts,
    installed: set[str],
    what: str,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trixie = debian.Release("debian", (13,), "trixie")
    monkeypatch.setattr(debian, "release", lambda: trixie)
    monkeypatch.setattr(debian, "is_installed", lambda package: package in installed)
    monkeypatch.setattr(docker_engine, "find", lambda: facts)
    for name in ("install", "update"):
        monkeypatch.delattr(debian, name)
    with pytest.raises(Failure) as raised:
        docker_engine.ensure()
    assert what in raised.value.what
    assert remedy in raised.value.remedy


@pytest.mark.parametrize(("version", "name"), [(13, "trixie"), (999, "forky")])
def test_newer_debian_installs_its_own_packages(
    version: int, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert taken_by(debian.Release("debian", (version,), name), tmp_path, monkeypatch) == [
        *("docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd", "iptables")
    ]


def test_ubuntu_installs_its_own_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noble = debian.Release("ubuntu", (24, 4), "noble")
    assert taken_by(noble, tmp_path, monkeypatch) == [
        *("docker.io", "docker-compose-v2", "docker-buildx", "iptables")
    ]


def taken_by(release: debian.Release, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages that a release installs, where apt's own sources are left as they are."""
    installed: list[str] = []
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(install, "_path", lambda: str(folder))
    monkeypatch.setattr(debian, "release", lambda: release)
    monkeypatch.setattr(debian, "is_root", lambda: True)
    monkeypatch.setattr(debian, "update", lambda: None)
    monkeypatch.setattr(debian, "install", lambda *packages: installed.extend(packages))
    monkeypatch.delattr(files, "replace")
    install.install_engine()
    return installed


def test_an_old_engine_is_reported_and_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "find", lambda: Facts("20.10.24+dfsg1", None, None))
    with pytest.raises(Failure, match=r"20\.10\.24\+dfsg1 is too old; 25\.0\.0 is needed"):
        docker_engine.ensure()


def test_podman_is_named_and_its_guide(monkeypatch: pytest.MonkeyPatch) -> None:
    podman = Facts("99.0.0", "2.40.3", "0.29.1", is_podman=True)
    monkeypatch.setattr(docker_engine, "find", lambda: podman)
    with pytest.raises(Failure, match=r"Podman 99\.0\.0 answers; inv needs") as raised:
        docker_engine.ensure()
    assert "docs/engines.md" in raised.value.remedy


@pytest.mark.parametrize(
    ("platform", "release", "remedy"),
    [
        ("darwin", None, "Docker Desktop"),
        ("linux", None, "docs.docker.com/engine/install"),
        ("linux", debian.Release("debian", (11,), "bullseye"), "docs.docker.com/engine/install"),
        ("linux", debian.Release("ubuntu", (22, 4), "jammy"), "docs.docker.com/engine/install"),
        ("linux", BOOKWORM, "sudo ./bootstrap inv engine"),
    ],
)
def test_without_root_the_command_to_type_is_shown(
    platform: str,
    release: debian.Release | None,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(debian, "release", lambda: release)
    monkeypatch.setattr(debian, "is_root", lambda: False)
    with pytest.raises(Failure) as raised:
        install._changeable_host()
    assert remedy in raised.value.remedy


def test_debian_12_installs_only_the_engine_from_the_next_release() -> None:
    archive = debian.Source("http://mirror.invalid/packages", "bookworm", ("main",))
    text = install.sources_text(archive)
    (entry,) = debian.deb822_style(text)
    assert (entry.uri, entry.suite) == (archive.uri, "trixie")
    assert entry.signed_by == ""
    pins = install.preferences_text(("docker.io", "containerd"))
    assert "Package: *\nPin: release n=trixie\nPin-Priority: 100\n" in pins
    assert "Package: docker.io containerd\nPin: release n=trixie\nPin-Priority: 900\n" in pins


def test_a_key_inside_the_hosts_entry_is_copied() -> None:
    key = "\n -----BEGIN\n .\n -----END"
    archive = debian.Source("http://mirror.invalid", "bookworm", ("main",), key)
    (entry,) = debian.deb822_style(install.sources_text(archive))
    assert entry.signed_by == key


def test_a_refused_suite_leaves_apts_sources_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Failure("no such suite", "none")

    entries = list(debian.one_line_style("deb http://mirror.invalid/packages bookworm main"))
    monkeypatch.setattr(debian, "sources", lambda: entries)
    monkeypatch.setattr(debian, "update", refuse)
    monkeypatch.setattr(install, "SOURCES", tmp_path / "a.sources")
    monkeypatch.setattr(install, "PREFERENCES", tmp_path / "a.pref")
    with pytest.raises(Failure, match="no such suite"):
        install._refresh(BOOKWORM)
    assert list(tmp_path.iterdir()) == []


def test_a_pid_file_names_its_program_or_is_stale(tmp_path: Path) -> None:
    own = tmp_path / "own.pid"
    own.write_text("1\n")
    name = Path("/proc/1/comm").read_text().strip()
    assert install._is_running(own, name)
    assert not install._is_running(own, "dockerd")
    assert not install._is_running(tmp_path / "missing.pid", "dockerd")


@pytest.mark.parametrize("has_quota", [True, False])
def test_whether_the_engine_limits_processors(has_quota: bool) -> None:
    client = Mock(info=lambda: {"CpuCfsQuota": has_quota})
    assert docker_engine.limits_processors(client) is has_quota
