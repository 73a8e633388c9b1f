"""Images for other processors: their base images and emulators."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from stack.compose.project import Project
from stack.config.modes import DEV, PROD
from stack.core.console import Failure
from stack.deploy.up import build_for
from stack.engine import debian
from stack.images import cross_build, stand_ins

OTHER = "linux/arm64"


@pytest.mark.parametrize(
    ("project", "platform", "what"),
    [
        (Project(DEV, "p-dev", 5427), OTHER, "--platform is for production."),
        (Project(PROD, "p-prod", 5427), "arm64", "not for 'arm64'."),
        (Project(PROD, "p-prod", 5427), "windows/amd64", "not for 'windows/amd64'."),
    ],
)
def test_an_unknown_platform_is_an_error_at_once(
    project: Project, platform: str, what: str
) -> None:
    with pytest.raises(Failure, match="linux/arm64") as refused:
        build_for(project, platform)
    assert what in str(refused.value)


def test_each_platforms_stand_in_has_a_name_of_its_own() -> None:
    assert stand_ins.name("python") == stand_ins.STAND_INS["python"]
    assert stand_ins.name("python", "arm64") == f"{stand_ins.STAND_INS['python']}-arm64"
    root = stand_ins.mmdebstrap(stand_ins.PYTHON, Path("/there/python.tar"), "arm64")
    assert "--architectures=arm64" in root
    image = stand_ins.docker_build("python", Path("/there"), None, "arm64")
    assert "--platform=linux/arm64" in image
    assert f"--tag={stand_ins.STAND_INS['python']}-arm64" in image


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Replaces the kernel's list of emulators and Debian's descriptions of them."""
    monkeypatch.setattr(cross_build, "HANDLERS", tmp_path)
    monkeypatch.setattr(cross_build, "DESCRIPTIONS", tmp_path / "binfmt.d")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "binfmt.d").mkdir()
    (tmp_path / "binfmt.d" / "qemu-aarch64-static.conf").write_text(":qemu-aarch64:FP\n")
    (tmp_path / "register").touch()
    return tmp_path


def test_without_root_the_emulator_to_install_is_named(
    kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "is_root", lambda: False)
    with pytest.raises(Failure, match="cannot run programs for aarch64") as refused:
        cross_build.ensure_emulator("aarch64")
    assert "apt-get install qemu-user-static" in str(refused.value)
    cross_build.ensure_emulator("x86_64")  # this machine's own
    (kernel / "qemu-aarch64").touch()
    cross_build.ensure_emulator("aarch64")


def test_root_registers_the_emulator_without_an_init_system(
    kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "is_root", lambda: True)
    monkeypatch.setattr(debian, "release", lambda: debian.Release("debian", (12,), "bookworm"))
    monkeypatch.setattr(debian, "is_installed", lambda package: True)
    cross_build.ensure_emulator("aarch64")
    assert (kernel / "register").read_text() == ":qemu-aarch64:FP"
