"""The commands of the operator and of the container's start."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

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


def test_an_unreachable_database_is_not_a_traceback():
    unreachable = environment(POSTGRES_HOST="127.0.0.1", POSTGRES_PORT="1", LOG_LEVEL="ERROR")
    process = command("manage.py", "alarm", "state", env=unreachable)
    output = finish(process)
    assert process.returncode == 1
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("The database did not answer")


def test_the_migrations_are_up_to_date():
    run("makemigrations", "--check", "--dry-run")
