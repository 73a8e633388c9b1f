"""The commands of the operator and of the container's start."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from alarm import pins
from tests.conftest import command, environment, finish

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_the_operator_walks_through_the_alarm(settings):
    settings.ALARM_EXIT_DELAY = 0
    assert json.loads(run("alarm", "state"))["state"] == "disarmed"
    assert json.loads(run("alarm", "arm", "away"))["state"] == "armed_away"
    assert json.loads(run("alarm", "trigger"))["state"] == "pending"
    with pytest.raises(CommandError, match="only an armed alarm can be triggered"):
        run("alarm", "trigger")
    assert json.loads(run("alarm", "disarm"))["state"] == "disarmed"


def test_the_first_pin_comes_from_the_environment_and_only_once(settings):
    settings.ALARM_PIN = "1111"
    assert "set from ALARM_PIN" in run("apply_integration_settings")
    settings.ALARM_PIN = "2222"
    assert "already set" in run("apply_integration_settings")
    pins.verify("1111")


@pytest.mark.parametrize("value", [None, "12", "abcd"])
def test_a_missing_or_malformed_pin_stops_the_start(settings, value):
    settings.ALARM_PIN = value
    with pytest.raises(CommandError, match="ALARM_PIN") as caught:
        run("apply_integration_settings")
    assert "\n" not in str(caught.value)


def test_the_pin_is_changed_from_a_pipe(monkeypatch, pin):
    monkeypatch.setattr("sys.stdin", io.StringIO("987654\n"))
    run("set_pin")
    pins.verify("987654")
    with pytest.raises(pins.WrongPin):
        pins.verify(pin)


def test_an_unreachable_database_is_not_a_traceback():
    unreachable = environment(POSTGRES_HOST="127.0.0.1", POSTGRES_PORT="1", LOG_LEVEL="ERROR")
    process = command("manage.py", "alarm", "state", env=unreachable)
    output = finish(process)
    assert process.returncode == 1
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("The database did not answer")


def test_the_migrations_are_up_to_date():
    run("makemigrations", "--check", "--dry-run")
