"""Which base image is taken, and the files that hold the defaults."""

from __future__ import annotations

import pytest

from stack import bases, images
from stack.modes import ROOT


class Engine:
    """Stands for the engine where only its answers about images matter."""

    def __init__(self, local: set[str], registry: bool) -> None:
        self.local = local
        self.registry = registry


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine(set(), False)
    monkeypatch.setattr(images, "is_local", lambda client, image: image in engine.local)
    monkeypatch.setattr(images, "registry_answers", lambda client, image: engine.registry)
    stand_ins = bases.STAND_INS
    monkeypatch.setattr(
        bases, "build", lambda kinds: engine.local.update(stand_ins[kind] for kind in kinds)
    )
    monkeypatch.setattr(images, "pull", engine.local.add)
    monkeypatch.setattr(images.env_file, "read", lambda path: {})
    for variable in (*images.defaults(), "COMPOSE_PROFILES"):
        monkeypatch.delenv(variable, raising=False)
    return engine


def chosen(engine: Engine) -> dict[str, tuple[str, str]]:
    return {c.variable: (c.image, c.origin) for c in images.choose(engine, ROOT)}  # type: ignore[arg-type]  # a stand-in


def test_every_default_is_found_in_one_file() -> None:
    assert images.defaults() == {
        "PYTHON_IMAGE": "python:3.12-slim",
        "NODE_IMAGE": "node:24-slim",
        "POSTGRES_IMAGE": "postgres:15",
        "MOSQUITTO_IMAGE": "eclipse-mosquitto:2",
    }


def test_every_kind_has_a_stand_in_under_another_name() -> None:
    kinds = {images.kind(variable) for variable in images.defaults()}
    assert set(bases.STAND_INS) == kinds
    assert not set(bases.STAND_INS.values()) & set(images.defaults().values())


def test_a_local_image_comes_first(answers: Engine) -> None:
    answers.local = set(images.defaults().values())
    assert chosen(answers)["PYTHON_IMAGE"] == ("python:3.12-slim", "present locally")


def test_then_the_registry(answers: Engine) -> None:
    answers.registry = True
    answers.local = {"python:3.12-slim", *bases.STAND_INS.values()}
    first = chosen(answers)
    assert first["PYTHON_IMAGE"] == ("python:3.12-slim", "present locally")
    assert first["NODE_IMAGE"] == ("node:24-slim", "from the registry")


def test_what_came_from_the_registry_is_there_when_it_is_gone(answers: Engine) -> None:
    answers.registry = True
    chosen(answers)
    answers.registry = False
    assert {origin for _, origin in chosen(answers).values()} == {"present locally"}


def test_then_stand_ins_which_are_built_when_missing(answers: Engine) -> None:
    assert chosen(answers)["POSTGRES_IMAGE"] == (
        bases.STAND_INS["postgres"],
        "stand-in, no registry",
    )
    needed = {"python", "node", "postgres"}
    assert answers.local == {bases.STAND_INS[kind] for kind in needed}


def test_the_brokers_image_is_for_its_profile_only(
    answers: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "MOSQUITTO_IMAGE" not in chosen(answers)
    monkeypatch.setenv("COMPOSE_PROFILES", "other, mqtt")
    assert chosen(answers)["MOSQUITTO_IMAGE"][0] == bases.STAND_INS["mosquitto"]
    assert answers.local == set(bases.STAND_INS.values())


def test_the_profile_may_be_on_in_env(answers: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images.env_file, "read", lambda path: {"COMPOSE_PROFILES": "mqtt"})
    assert "MOSQUITTO_IMAGE" in chosen(answers)


def test_what_a_person_set_is_used(answers: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_IMAGE", "registry.example/python:3.12")
    assert chosen(answers)["PYTHON_IMAGE"] == ("registry.example/python:3.12", "set by you")


def test_only_other_images_than_the_defaults_are_passed_on() -> None:
    choices = [
        images.Choice("PYTHON_IMAGE", "python:3.12-slim", "present locally", differs=False),
        images.Choice("NODE_IMAGE", "mine", "set by you", differs=True),
    ]
    assert images.variables(choices) == {"NODE_IMAGE": "mine"}
