"""Which base image is taken, and the files that hold the defaults."""

from __future__ import annotations

import pytest

from stack.config.modes import ROOT
from stack.images import base_images, fallback


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
    stand_ins = fallback.STAND_INS
    monkeypatch.setattr(
        fallback, "build", lambda kinds: engine.local.update(stand_ins[kind] for kind in kinds)
    )
    monkeypatch.setattr(base_images, "pull", engine.local.add)
    monkeypatch.setattr(base_images.dotenv, "read", lambda path: {})
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
    assert set(fallback.STAND_INS) == kinds
    assert not set(fallback.STAND_INS.values()) & set(base_images.defaults().values())


def test_a_local_image_comes_first(answers: Engine) -> None:
    answers.local = set(base_images.defaults().values())
    assert chosen(answers)["PYTHON_IMAGE"] == ("python:3.12-slim", "present locally")


def test_then_the_registry(answers: Engine) -> None:
    answers.registry = True
    answers.local = {"python:3.12-slim", *fallback.STAND_INS.values()}
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
        fallback.STAND_INS["postgres"],
        "stand-in, no registry",
    )
    needed = {"python", "node", "postgres"}
    assert answers.local == {fallback.STAND_INS[kind] for kind in needed}


def test_the_brokers_image_is_for_its_profile_only(
    answers: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "MOSQUITTO_IMAGE" not in chosen(answers)
    monkeypatch.setenv("COMPOSE_PROFILES", "other, mqtt")
    assert chosen(answers)["MOSQUITTO_IMAGE"][0] == fallback.STAND_INS["mosquitto"]
    assert answers.local == set(fallback.STAND_INS.values())


def test_the_profile_may_be_on_in_env(answers: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base_images.dotenv, "read", lambda path: {"COMPOSE_PROFILES": "mqtt"})
    assert "MOSQUITTO_IMAGE" in chosen(answers)


def test_what_a_person_set_is_used(answers: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_IMAGE", "registry.example/python:3.12")
    assert chosen(answers)["PYTHON_IMAGE"] == ("registry.example/python:3.12", "set by you")


def test_only_other_images_than_the_defaults_are_passed_on() -> None:
    choices = [
        base_images.Choice("PYTHON_IMAGE", "python:3.12-slim", "present locally", differs=False),
        base_images.Choice("NODE_IMAGE", "mine", "set by you", differs=True),
    ]
    assert base_images.variables(choices) == {"NODE_IMAGE": "mine"}
