"""The alarm's commands, for the operator's shell."""

import datetime as dt
import io
import json
import re
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from alarm.models import Event, Sensor
from alarm.sensor_types import Kind
from people import codes
from people.models import Code, Person
from tests.actions import make_sensor, set_delays
from tests.conftest import command, environment, finish

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def alarm(*arguments: str) -> dict:
    return json.loads(run("alarm", *arguments))


@pytest.mark.parametrize("mode", ["home", "away", "night", "vacation"])
def test_the_operator_walks_through_the_alarm(mode):
    set_delays(exit_delay=0)
    assert alarm("state")["state"] == "disarmed"
    assert alarm(f"arm-{mode}")["state"] == f"armed_{mode}"
    with pytest.raises(CommandError, match="only a disarmed alarm can be armed"):
        run("alarm", f"arm-{mode}")
    triggered = alarm("trigger")
    assert (triggered["state"], triggered["siren"]) == ("triggered", True)
    assert triggered["memory"][0]["name"] == "command line"
    assert alarm("disarm")["state"] == "disarmed"
    assert alarm("acknowledge")["memory"] == []
    with pytest.raises(CommandError, match="no alarm since"):
        run("alarm", "acknowledge")
    assert {event.source for event in Event.objects.all()} == {"command line", "timer"}


def test_the_operator_opens_and_closes_a_sensor():
    door = str(make_sensor(type="entry_exit").pk)
    opened = {"id": int(door), "name": "Back door", "reasons": ["open"]}
    assert alarm("open", door)["not_ready"]["home"] == [opened]
    with pytest.raises(CommandError, match="Not ready to arm: Back door is open"):
        run("alarm", "arm-home")
    assert alarm("arm-home", "--bypass", door)["state"] == "arming"
    assert alarm("close", door)["not_ready"]["home"] == []
    alarm("disarm")
    alarm("open", door)
    assert alarm("arm-away", "--force")["state"] == "arming"
    assert Sensor.objects.get().bypassed
    with pytest.raises(CommandError, match="no such sensor"):
        run("alarm", "open", "4711")


def test_an_unreachable_database_is_one_line():
    unreachable = environment(POSTGRES_HOST="127.0.0.1", POSTGRES_PORT="1", LOG_LEVEL="ERROR")
    process = command("manage.py", "alarm", "state", env=unreachable)
    output = finish(process)
    assert process.returncode == 1
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("The database did not answer")


def test_the_migrations_are_up_to_date():
    run("makemigrations", "--check", "--dry-run")


def test_old_history_is_removed_by_hand():
    set_delays(retention_days=2)
    for days in (4, 3, 1):
        at = timezone.now() - dt.timedelta(days=days)
        Event.objects.create(at=at, cause="api")
    assert run("apply_retention") == "Removed 2 events.\n"
    assert run("apply_retention") == "Removed 0 events.\n"


def test_demo_data_is_complete(browser):
    printed = run("seed")
    username, password = re.search(r"^(\w+) \(admin\): password (\S+)$", printed, re.M).groups()
    body = {"username": username, "password": password}
    assert browser.ask("POST", "session/", body).status_code == 200
    pin = re.search(r"^The code Family: (\d{6})$", printed, re.M)[1]
    assert codes.verify(pin, "test").label == "Family"
    assert {sensor.kind for sensor in Sensor.objects.all()} == {kind.value for kind in Kind}
    assert not Sensor.objects.exclude(active=False).exists()
    assert not Sensor.objects.filter(last_heard_at=None).exists()
    history = browser.ask("GET", "events/?kind=transition&page_size=200").json()["results"]
    steps = [(event["from_state"], event["to_state"]) for event in history][::-1]
    assert all(left[1] == right[0] for left, right in pairwise(steps))
    assert {"triggered", "armed_away", "armed_night"} <= {state for _, state in steps}
    assert Event.objects.latest("at").at <= timezone.now()


def test_seeding_again_adds_nothing():
    run("seed")

    def count() -> list[int]:
        return [model.objects.count() for model in (Person, Code, Sensor, Event)]

    before = count()
    printed = run("seed")
    assert count() == before
    assert "password " not in printed
    assert not re.search(r"\d{6}", printed)


def test_production_is_not_seeded_by_mistake(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="This is production"):
        run("seed")
    assert not Person.objects.exists()
    run("seed", "--force")
    assert Person.objects.count() == 2
