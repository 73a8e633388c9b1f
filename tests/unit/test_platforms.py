"""Images for other processors: who may ask, what they are built from, who runs their programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.compose.project import Project
from stack.config.modes import DEV, PROD
from stack.core.console import Failure
from stack.deploy.up import build_for
from stack.engine import debian
from stack.images import cross_build, fallback

OTHER = "linux/arm64"


@pytest.mark.parametrize(
    ("project", "platform", "what"),
    [
        (Project(DEV, "p-dev", 5427), OTHER, "--platform is for production."),
        (Project(PROD, "p-prod", 5427), "arm64", "'arm64' is no platform"),
        (Project(PROD, "p-prod", 5427), "windows/amd64", "no platform that images are built for"),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is_done(
    project: Project, platform: str, what: str
) -> None:
    with pytest.raises(Failure, match="linux/arm64") as refused:
        build_for(project, platform)
    assert what in str(refused.value)


def test_another_processors_stand_in_has_a_name_of_its_own() -> None:
    assert fallback.stand_in("python") == fallback.STAND_INS["python"]
    assert fallback.stand_in("python", "arm64") == f"{fallback.STAND_INS['python']}-arm64"
    root = fallback.mmdebstrap(fallback.PYTHON, Path("/there/python.tar"), "arm64")
    assert "--architectures=arm64" in root
    image = fallback.docker_build("python", Path("/there"), None, "arm64")
    assert "--platform=linux/arm64" in image
    assert f"--tag={fallback.STAND_INS['python']}-arm64" in image


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for the kernel's list of emulators, and for Debian's descriptions of them."""
    monkeypatch.setattr(cross_build, "HANDLERS", tmp_path)
    monkeypatch.setattr(cross_build, "DESCRIPTIONS", tmp_path / "binfmt.d")
    monkeypatch.setattr(cross_build.machine, "machine", lambda: "x86_64")
    monkeypatch.setattr(cross_build.sys, "platform", "linux")
    (tmp_path / "binfmt.d").mkdir()
    (tmp_path / "binfmt.d" / "qemu-aarch64-static.conf").write_text(":qemu-aarch64:FP\n")
    (tmp_path / "register").touch()
    return tmp_path


def test_who_is_not_root_is_told_what_to_install(
    kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "is_root", lambda: False)
    with pytest.raises(Failure, match="cannot run programs for aarch64") as refused:
        cross_build.ensure_emulator("aarch64")
    assert "apt-get install qemu-user-static" in str(refused.value)
    cross_build.ensure_emulator("x86_64")  # this machine's own
    (kernel / "qemu-aarch64").touch()
    cross_build.ensure_emulator("aarch64")


def test_root_tells_the_kernel_where_no_init_system_does(
    kernel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "is_root", lambda: True)
    monkeypatch.setattr(debian, "release", lambda: debian.Release("debian", (12,), "bookworm"))
    monkeypatch.setattr(debian, "is_installed", lambda package: True)
    cross_build.ensure_emulator("aarch64")
    assert (kernel / "register").read_text() == ":qemu-aarch64:FP"
