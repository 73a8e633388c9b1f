"""Which base image is chosen, and the files that hold the defaults."""

from __future__ import annotations

import pytest

from stack.config import dotenv
from stack.config.modes import ROOT
from stack.images import base_images, stand_ins


class Engine:
    """Stands for the engine where only its answers about images matter."""

    def __init__(self, local: set[str], registry: bool) -> None:
        self.local = local
        self.registry = registry


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine(set(), False)
    monkeypatch.setattr(base_images, "is_local", lambda client, image: image in engine.local)
    monkeypatch.setattr(base_images, "registry_answers", lambda client, image: engine.registry)
    names = stand_ins.STAND_INS
    monkeypatch.setattr(
        stand_ins, "build", lambda kinds: engine.local.update(names[kind] for kind in kinds)
    )
    monkeypatch.setattr(base_images, "pull", engine.local.add)
    monkeypatch.setattr(dotenv, "read", lambda path: {})
    for variable in (*base_images.defaults(), "COMPOSE_PROFILES"):
        monkeypatch.delenv(variable, raising=False)
    return engine


def chosen(engine: Engine) -> dict[str, tuple[str, str]]:
    return {c.variable: (c.image, c.origin) for c in base_images.choose(engine, ROOT)}  # type: ignore[arg-type]  # a stand-in


def test_every_default_is_found_in_one_file() -> None:
    assert base_images.defaults() == {
        "PYTHON_IMAGE": "python:3.12-slim",
        "NODE_IMAGE": "node:24-slim",
        "POSTGRES_IMAGE": "postgres:15",
        "MOSQUITTO_IMAGE": "eclipse-mosquitto:2",
    }


def test_every_kind_has_a_stand_in_under_another_name() -> None:
    kinds = {base_images.kind(variable) for variable in base_images.defaults()}
    assert set(stand_ins.STAND_INS) == kinds
    assert not set(stand_ins.STAND_INS.values()) & set(base_images.defaults().values())


def test_a_local_image_takes_precedence(answers: Engine) -> None:
    answers.local = set(base_images.defaults().values())
    assert chosen(answers)["PYTHON_IMAGE"] == ("python:3.12-slim", "present locally")


def test_the_registry_is_second(answers: Engine) -> None:
    answers.registry = True
    answers.local = {"python:3.12-slim", *stand_ins.STAND_INS.values()}
    first = chosen(answers)
    assert first["PYTHON_IMAGE"] == ("python:3.12-slim", "present locally")
    assert first["NODE_IMAGE"] == ("node:24-slim", "from the registry")


def test_a_pulled_image_is_used_when_the_registry_is_away(answers: Engine) -> None:
    answers.registry = True
    chosen(answers)
    answers.registry = False
    assert {origin for _, origin in chosen(answers).values()} == {"present locally"}


def test_stand_ins_are_last_and_are_built_when_missing(answers: Engine) -> None:
    assert chosen(answers)["POSTGRES_IMAGE"] == (
        stand_ins.STAND_INS["postgres"],
        "stand-in, no registry",
    )
    needed = {"python", "node", "postgres"}
    assert answers.local == {stand_ins.STAND_INS[kind] for kind in needed}


def test_the_brokers_image_is_chosen_for_its_profile_only(
    answers: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "MOSQUITTO_IMAGE" not in chosen(answers)
    monkeypatch.setenv("COMPOSE_PROFILES", "other, mqtt")
    assert chosen(answers)["MOSQUITTO_IMAGE"][0] == stand_ins.STAND_INS["mosquitto"]
    assert answers.local == set(stand_ins.STAND_INS.values())


def test_the_env_file_can_enable_the_profile(
    answers: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dotenv, "read", lambda path: {"COMPOSE_PROFILES": "mqtt"})
    assert "MOSQUITTO_IMAGE" in chosen(answers)


def test_an_image_that_is_set_is_used(answers: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_IMAGE", "registry.example/python:3.12")
    assert chosen(answers)["PYTHON_IMAGE"] == ("registry.example/python:3.12", "set by you")


def test_default_images_are_not_passed_on() -> None:
    choices = [
        base_images.Choice("PYTHON_IMAGE", "python:3.12-slim", "present locally"),
        base_images.Choice("NODE_IMAGE", "mine", "set by you"),
    ]
    assert base_images.variables(choices) == {"NODE_IMAGE": "mine"}
