"""The commands that build the stand-ins, and the error when their tools are missing."""

import re
from pathlib import Path

import pytest

from stack.core.console import Failure
from stack.engine import debian
from stack.images import stand_ins

BOOKWORM = debian.Release("debian", (12,), "bookworm")
NOBLE = debian.Release("ubuntu", (24, 4), "noble")

ENTRIES = list(
    debian.one_line_style(
        """
deb http://mirror.invalid/packages bookworm main
deb http://mirror.invalid/packages bookworm-updates main
deb http://mirror.invalid/security bookworm-security main
"""
    )
)


def test_each_stand_in_has_a_build_target_and_a_name_of_its_own() -> None:
    targets = re.findall(r" AS (\S+)$", (stand_ins.DOCKER_FOLDER / "Dockerfile").read_text(), re.M)
    assert set(stand_ins.STAND_INS) <= set(targets)
    assert all(image.startswith("alarm-bases/") for image in stand_ins.STAND_INS.values())


def test_python_is_built_before_node() -> None:
    kinds = list(stand_ins.STAND_INS)
    assert kinds.index("python") < kinds.index("node")


def test_the_hosts_mirrors_are_used() -> None:
    assert stand_ins.mirrors("bookworm", "trixie", ENTRIES) == [
        "deb http://mirror.invalid/packages trixie main",
        "deb http://mirror.invalid/packages trixie-updates main",
        "deb http://mirror.invalid/security trixie-security main",
    ]


@pytest.mark.parametrize("uri", ["mirror+file:///etc/apt/mirrors/debian.list", "cdrom:[Debian]/"])
def test_a_mirror_out_of_a_containers_reach_is_not_used(uri: str) -> None:
    entries = list(debian.one_line_style(f"deb {uri} bookworm main"))
    assert stand_ins.mirrors("bookworm", "trixie", entries) == []


def test_mmdebstrap_on_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "release", lambda: BOOKWORM)
    monkeypatch.setattr(debian, "sources", lambda: ENTRIES)
    command = stand_ins.mmdebstrap(stand_ins.POSTGRES, Path("/there/postgres.tar"))
    assert command[:2] == ["mmdebstrap", "--variant=minbase"]
    assert "--include=postgresql-15,tzdata" in command
    suite, target, first, *_ = command[command.index("bookworm") :]
    assert (suite, target) == ("bookworm", "/there/postgres.tar")
    assert first == "deb http://mirror.invalid/packages bookworm main"
    assert not any(argument.startswith("--keyring") for argument in command)


def test_mmdebstrap_on_other_systems_trusts_debians_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "release", lambda: NOBLE)
    command = stand_ins.mmdebstrap(stand_ins.PYTHON, Path("/there/python.tar"))
    assert f"--keyring={stand_ins.KEYRING}" in command
    assert command[-2:] == ["trixie", "/there/python.tar"]


def test_docker_build_with_and_without_a_bundle() -> None:
    command = stand_ins.docker_build("node", Path("/there"), Path("/ca.pem"))
    assert "--target=node" in command
    assert f"--tag={stand_ins.STAND_INS['node']}" in command
    assert "--secret=id=ca-bundle,src=/ca.pem" in command
    assert command[-1] == "/there"
    without = stand_ins.docker_build("node", Path("/there"), None)
    assert not any("ca-bundle" in argument for argument in without)


@pytest.mark.parametrize(
    ("release", "remedy"),
    [(None, "let the engine reach a registry"), (BOOKWORM, "sudo apt-get install mmdebstrap")],
)
def test_a_missing_mmdebstrap_is_an_error(
    release: debian.Release | None, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "release", lambda: release)
    monkeypatch.setattr(debian, "is_root", lambda: False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Failure) as raised:
        stand_ins._require_mmdebstrap()
    assert remedy in raised.value.remedy
