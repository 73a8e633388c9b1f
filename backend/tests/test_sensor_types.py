"""The kinds and types of sensors, their defaults, and the move of those of an older version."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from alarm.sensor_types import HEARTBEAT, TYPES, Kind, defaults
from tests.actions import ALL

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = ["away", "vacation"]


@pytest.fixture
def office(admin, login):
    """The admin's browser."""
    return login(admin)


def create(office, **fields) -> dict:
    answer = office.ask("POST", "sensors/", {"name": "New", **fields})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def dependent(sensor: dict) -> list:
    names = ("type", "modes", "entry_delay", "final_door", "chime", "heartbeat")
    return [sensor[name] for name in names]


def test_the_page_gets_the_table_of_types(login, resident):
    found = login(resident).ask("GET", "sensors/types/").json()
    assert [one["kind"] for one in found] == [kind.value for kind in Kind]
    assert {one["heartbeat"] for one in found} == {HEARTBEAT}
    by_kind = {one["kind"]: one["types"] for one in found}
    assert [one["type"] for one in by_kind["window"]] == [
        "perimeter",
        "entry_exit",
        "interior",
        "environmental",
    ]
    assert by_kind["door"][0] == {
        **{"type": "entry_exit", "modes": ALL, "chime": False, "has_modes": True},
        **{"has_entry_delay": True, "has_final_door": True, "has_chime": True},
    }


@pytest.mark.parametrize("kind", Kind)
def test_what_is_left_out_is_the_default(office, kind):
    default = defaults(kind, TYPES[kind][0])
    sensor = create(office, kind=kind.value)
    assert dependent(sensor) == [default.type, default.modes, None, False, default.chime, None]


@pytest.mark.parametrize("kind", Kind)
def test_every_type_of_a_kind_is_accepted_and_no_other(office, kind):
    for number, type in enumerate({type for types in TYPES.values() for type in types}):
        body = {"name": f"{number}", "kind": kind.value, "type": type.value}
        answer = office.ask("POST", "sensors/", body)
        assert answer.status_code == (201 if type in TYPES[kind] else 400), type


def test_a_window_never_keeps_a_doors_delay(office):
    delay = {"entry_delay": 90, "final_door": True, "chime": True, "modes": ["home"]}
    door = create(office, kind="door", heartbeat=600, **delay)
    path = f"sensors/{door['id']}/"
    window = office.ask("PATCH", path, {"kind": "window"}).json()
    assert dependent(window) == ["perimeter", ALL, None, False, False, None]


def test_another_type_takes_its_defaults_where_nothing_else_is_said(office):
    hall = create(office, kind="motion", heartbeat=600)
    assert hall["modes"] == AWAY
    path = f"sensors/{hall['id']}/"
    entry = office.ask("PATCH", path, {"type": "entry_exit", "entry_delay": 20}).json()
    assert dependent(entry) == ["entry_exit", AWAY, 20, False, False, 600]
    inside = office.ask("PATCH", path, {"type": "interior", "modes": ["night"]}).json()
    assert dependent(inside) == ["interior", ["night"], None, False, False, 600]
    same = office.ask("PATCH", path, {"type": "interior", "name": "Hall"}).json()
    assert dependent(same) == dependent(inside)


def test_a_report_may_be_a_sign_of_life_alone(office, browser):
    sensor = create(office, kind="door")
    bearer = f"Bearer {sensor['token']}"
    path = f"sensors/{sensor['id']}/events/"
    assert browser.ask("POST", path, {}, authorization=bearer).status_code == 202
    body = {"battery_low": True, "tamper": True}
    assert browser.ask("POST", path, body, authorization=bearer).status_code == 202
    after = office.ask("GET", "sensors/").json()[0]
    assert (after["active"], after["trouble"]) == (None, ["low_battery", "tamper"])
    for wrong in ({"battery_low": 1}, {"tamper": None}, {"active": None}):
        assert browser.ask("POST", path, wrong, authorization=bearer).status_code == 400


def test_what_an_older_version_has_stored_keeps_reacting_as_before():
    """Back to the version before types, some rows of it, and forward again."""
    executor = MigrationExecutor(connection)
    executor.migrate([("alarm", "0005_no_heartbeat")])
    try:
        apps = executor.loader.project_state([("alarm", "0005_no_heartbeat")]).apps
        old = apps.get_model("alarm", "Sensor")
        for name, kind, delay in [("Door", "door", True), ("Hall", "motion", False)]:
            old.objects.create(name=name, kind=kind, entry_delay=delay, modes=["away"])
        old.objects.create(name="Smoke", kind="smoke", modes=["home", "away", "night"])
        old.objects.create(name="Cellar", kind="water", modes=["home", "away", "night"])
        fields = {"siren_duration": 90, "retention_days": 30}
        apps.get_model("alarm", "AlarmSettings").objects.create(
            exit_delay=40, entry_delay=20, **fields
        )
        door = {"id": 1, "name": "Door", "kind": "door"}
        apps.get_model("alarm", "Alarm").objects.update_or_create(
            pk=1,
            defaults={
                "state": "triggered",
                "target": "armed_away",
                "changed_at": timezone.now(),
                "triggered_by": [door],
                "not_ready": {"home": [], "away": [{"id": 1, "name": "Door"}], "night": []},
            },
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    from alarm import services
    from alarm.models import AlarmSettings, Sensor
    from alarm.serializers import AlarmSerializer

    found = Sensor.objects.values_list("name", "type", "modes", "entry_delay", "heartbeat")
    assert list(found) == [
        ("Door", "entry_exit", AWAY, None, 259200),
        ("Hall", "perimeter", AWAY, None, 259200),
        ("Smoke", "fire", ALL, None, 259200),
        ("Cellar", "water", ALL, None, 259200),
    ]
    settings = AlarmSettings.load()
    assert settings.exit_delay == dict.fromkeys(ALL, 40)
    assert settings.entry_delay == dict.fromkeys(ALL, 20)
    alarm = AlarmSerializer(services.current()).data
    assert alarm["siren"] is True
    assert [one["name"] for one in alarm["memory"]] == ["Door"]
    assert alarm["not_ready"]["vacation"] == [{"id": 1, "name": "Door", "reasons": ["open"]}]
