"""Settings: a wrong one ends with one line, and production has no default secrets."""

import os
import runpy

import pytest

from core import env
from tests.conftest import BACKEND, command, environment, finish

GOOD = {
    "MODE": "production",
    "SECRET_KEY": "k3y-" + "abcdefghijklmnopqrstuvwxyz" * 2,
    "PIN_PEPPER": "p3pper-" + "abcdefghijklmnopqrstuvwxyz",
    "POSTGRES_PASSWORD": "Long-enough-9",
}


@pytest.fixture
def load(monkeypatch):
    """A function that reads the settings from a given environment and returns them."""

    def load_settings(**variables: str) -> dict:
        for name in os.environ.keys() - environment().keys() | {"POSTGRES_PASSWORD"}:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(BACKEND / "config" / "settings.py"))

    return load_settings


def refusal(load, **variables: str) -> str:
    with pytest.raises(SystemExit) as caught:
        load(**variables)
    message = str(caught.value.code)
    assert "\n" not in message
    assert message.endswith(".")
    return message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SECRET_KEY", "", "missing"),
        ("SECRET_KEY", "short", "only 5 characters"),
        ("SECRET_KEY", "django-insecure-" + "x" * 60, "publicly known"),
        ("SECRET_KEY", "ab" * 30, "easy to guess"),
        ("PIN_PEPPER", "", "missing"),
        ("PIN_PEPPER", "insecure-pepper-for-development-only", "publicly known"),
        ("PIN_PEPPER", f"{GOOD['PIN_PEPPER']} short", "shorter than 32"),
        ("POSTGRES_PASSWORD", "", "missing"),
        ("POSTGRES_PASSWORD", "alarm", "publicly known"),
        ("POSTGRES_PASSWORD", "ChangeMe", "publicly known"),
        ("POSTGRES_PASSWORD", "elevenchars", "only 11 characters"),
    ],
)
def test_production_refuses(load, name, value, expected):
    message = refusal(load, **{**GOOD, name: value})
    assert message.startswith(name)
    assert expected in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "prod"),
        ("ALARM_EXIT_DELAY", "soon"),
        ("ALARM_EXIT_DELAY", "-1"),
        ("ALARM_ENTRY_DELAY", "3601"),
        ("ALARM_HTTPS", "maybe"),
        ("LOG_LEVEL", "LOUD"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
        ("SECRET_KEY_FILE", "/"),
        ("POSTGRES_PORT", "db"),
    ],
)
def test_a_wrong_value_is_named(load, name, value):
    assert refusal(load, **{name: value}).startswith(name)


def test_development_starts_with_nothing_set(load):
    settings = load()
    assert settings["DEBUG"] is True
    assert settings["DATABASES"]["default"]["PASSWORD"] == "alarm"


def test_production_has_no_debug(load):
    settings = load(**GOOD)
    assert settings["DEBUG"] is False
    assert settings["SECURE_PROXY_SSL_HEADER"] is None


def test_former_peppers_may_follow_the_new_one(load):
    former = "f" + GOOD["PIN_PEPPER"]
    settings = load(**{**GOOD, "PIN_PEPPER": f"{GOOD['PIN_PEPPER']}\n{former}"})
    assert settings["PIN_PEPPERS"] == [GOOD["PIN_PEPPER"], former]


def test_a_secret_may_be_in_a_file(load, tmp_path):
    file = tmp_path / "key"
    file.write_text(GOOD["SECRET_KEY"] + "\n")
    variables = {**GOOD, "SECRET_KEY": "", "SECRET_KEY_FILE": str(file)}
    assert load(**variables)["SECRET_KEY"] == GOOD["SECRET_KEY"]
    assert "both set" in refusal(load, **{**variables, "SECRET_KEY": "x"})


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (" Panel.Example.org, ,.lan", ("panel.example.org", ".lan")),
        ("a.example.org b.example.org", ("a.example.org", "b.example.org")),
        ("https://panel.example.org:8443/, nas:5427", ("panel.example.org", "nas")),
        ("*.example.org", (".example.org",)),
        ("panel.example.org.", ("panel.example.org",)),
        ("türen.example", ("xn--tren-0ra.example",)),
        ("xn--tren-0ra.example", ("xn--tren-0ra.example",)),
        ("192.168.1.2:5427 [fd00::1]:5427", ("192.168.1.2", "fd00::1")),
        ("", ()),
    ],
)
def test_host_names_in_every_form_are_those_that_browsers_send(monkeypatch, given, found):
    monkeypatch.setenv("HOSTS", given)
    assert env.hosts("HOSTS") == found


@pytest.mark.parametrize(
    ("given", "why"), [("*", "lets other sites in"), ("my_pc", "my_pc"), ("a.lan;b.lan", "correct")]
)
def test_a_host_name_that_cannot_be_is_refused(monkeypatch, given, why):
    monkeypatch.setenv("HOSTS", given)
    with pytest.raises(SystemExit, match=why):
        env.hosts("HOSTS")


@pytest.mark.parametrize("https", ["true", "false"])
def test_production_passes_djangos_deployment_check(https):
    check = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    process = command(*check, env=environment(**GOOD, ALARM_HTTPS=https))
    output = finish(process)
    assert process.returncode == 0, output


def test_a_refusal_is_all_that_a_person_sees():
    process = command("manage.py", "check", env=environment(MODE="production"))
    output = finish(process)
    assert process.returncode == 1
    assert output.startswith("SECRET_KEY is missing")
    assert "\n" not in output
