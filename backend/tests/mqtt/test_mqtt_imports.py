"""Sensors of other programs: discovered, imported, reported, and out of contact."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from alarm.models import Event, Sensor
from integrations.models import DiscoveredSensor, ImportedSensor
from integrations.mqtt import candidates, discovered
from tests.actions import armed, is_state, make_sensor
from tests.conftest import until
from tests.mqtt.tools import OtherClient, Wire, is_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def zigbee(topics):
    """Zigbee2MQTT, with topics that no other test uses."""
    found = Zigbee(topics)
    yield found
    found.client.leave()


class Zigbee:
    """Announces a device as Zigbee2MQTT does, and publishes what it reports."""

    def __init__(self, topics) -> None:
        self.base = f"z_{topics.base.split('/')[0]}"
        self.prefix = topics.prefix
        self.client = OtherClient(f"{self.base}/#")
        self.announced: list[str] = []

    def config(self, name: str = "Front door", part: str = "contact", **changes) -> dict:
        is_contact = part == "contact"
        bridge, own = f"{self.base}/bridge/state", f"{self.base}/{name}/availability"
        return {
            "availability": [
                {"topic": topic, "value_template": "{{ value_json.state }}"}
                for topic in (bridge, own)
            ],
            "availability_mode": "all",
            "device": {"identifiers": [f"{self.base}_{name}"], "name": name, "model": "Contact"},
            "device_class": "door" if is_contact else part.removesuffix("_low"),
            "origin": {"name": "Zigbee2MQTT"},
            "payload_on": not is_contact,
            "payload_off": is_contact,
            "state_topic": f"{self.base}/{name}",
            "value_template": f"{{{{ value_json.{part} }}}}",
            **changes,
        }

    def topic(self, name: str = "Front door", part: str = "contact") -> str:
        return f"{self.prefix}/binary_sensor/{name.replace(' ', '_')}/{part}/config"

    def announce(self, name: str = "Front door", part: str = "contact", **changes) -> None:
        config = self.config(name, part, **changes)
        self.client.publish(self.topic(name, part), config, retain=True)

    def remove(self, name: str = "Front door", part: str = "contact") -> None:
        self.client.publish(self.topic(name, part), "", retain=True)

    def report(self, name: str = "Front door", *, retain: bool = False, **message) -> None:
        self.client.publish(f"{self.base}/{name}", message, retain=retain)

    def reach(self, state: str, name: str | None = "Front door") -> None:
        """Say online or offline of a device, or with None of itself."""
        topic = f"{self.base}/{name}/availability" if name else f"{self.base}/bridge/state"
        self.client.publish(topic, {"state": state}, retain=True)


@pytest.fixture
def ask(login, admin):
    browser = login(admin)
    return lambda method, path="", body=None: browser.ask(
        method, f"integrations/mqtt/discovered/{path}", body
    )


@pytest.fixture
def offered(ask, connected):
    """A function that waits for so many offers and returns them."""

    def wait(number: int) -> list[dict]:
        def there():
            found = ask("GET").json()
            return found if len(found) == number else None

        return until(there, what=f"{number} discovered sensors") if number else ask("GET").json()

    return wait


@pytest.fixture
def imported(ask, offered, zigbee):
    """A function that announces a device, imports it, and returns its sensor's id."""

    def add(name: str = "Front door", **changes) -> int:
        zigbee.announce(name, **changes)
        until(lambda: DiscoveredSensor.objects.filter(key=zigbee.topic(name)), what="the discovery")
        row = DiscoveredSensor.objects.get(key=zigbee.topic(name))
        answer = ask("POST", "import/", {"sensors": [{"id": row.pk}]})
        assert answer.status_code == 201, answer.content
        (sensor,) = answer.json()
        return int(sensor["id"])

    return add


def sensor(pk: int) -> Sensor:
    return Sensor.objects.get(pk=pk)


def is_active(pk: int, active: bool | None):
    return lambda: sensor(pk).active is active


def moment(**age: float) -> str:
    return (timezone.now() - dt.timedelta(**age)).isoformat(timespec="milliseconds")


@pytest.fixture
def heard(imported, zigbee):
    """The id of an imported door that has reported that it is closed."""
    pk = imported()
    hears(zigbee, pk, "Front door")
    return pk


def hears(zigbee, pk: int, name: str) -> None:
    """Report until the subscription is there."""

    def arrived() -> bool:
        zigbee.report(name, contact=True)
        return sensor(pk).active is False

    until(arrived, what="the first report")


# --- What is offered ------------------------------------------------------------------------------


def test_a_device_of_zigbee2mqtt_is_offered_once(offered, zigbee):
    for part in ("battery_low", "contact", "tamper"):
        zigbee.announce(part=part)
    until(lambda: DiscoveredSensor.objects.count() == 3, what="the three parts")
    (door,) = offered(1)
    assert (door["name"], door["kind"], door["origin"]) == ("Front door", "door", "Zigbee2MQTT")
    assert door["tells"] == ["battery", "tamper", "availability"]
    assert (door["refusal"], door["detail"], door["sensor"]) == ("", "", None)


def test_what_the_broker_had_before_is_offered_too(zigbee, start, ask):
    zigbee.announce()
    start()
    until(lambda: ask("GET").json(), what="the discovery")


def test_the_panels_own_sensors_are_not_offered(offered, zigbee, other_client, topics):
    own = make_sensor()
    other_client.publish(topics.sensor_set(own.pk), "ON")
    until(lambda: topics.sensor_config(own.pk) in other_client.retained, what="its announcement")
    zigbee.announce()
    assert [one["name"] for one in offered(1)] == ["Front door"]


def test_an_unknown_device_class_is_refused_with_a_sentence(offered, ask, zigbee):
    zigbee.announce(device_class="plug")
    (plug,) = offered(1)
    assert (plug["refusal"], plug["kind"]) == ("no_such_kind", None)
    assert plug["detail"] == candidates.REFUSALS["no_such_kind"]
    refused = ask("POST", "import/", {"sensors": [{"id": plug["id"]}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_import")
    assert candidates.REFUSALS["no_such_kind"] in refused.json()["detail"]
    assert not Sensor.objects.exists()


def test_what_is_announced_no_more_is_offered_no_more(offered, zigbee):
    zigbee.announce()
    offered(1)
    zigbee.remove()
    until(lambda: offered(0) == [], what="the removal")


def test_what_was_removed_while_the_panel_was_away_is_forgotten(zigbee, start, ask, monkeypatch):
    monkeypatch.setattr(discovered, "SETTLED", 1.0)
    first = start()
    zigbee.announce()
    until(lambda: ask("GET").json(), what="the discovery")
    first.stop()
    first.join(30)
    zigbee.remove()
    start()
    until(lambda: not ask("GET").json(), what="the removal")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"no JSON", "a discovery message that is not JSON."),
        (b"[]", "a discovery message that is not a JSON object."),
        (b"{" + b" " * candidates.LARGEST, "of more than 32 KiB."),
        (
            json.dumps({"device_class": "door", "state_topic": "a", "payload_on": "\0"}),
            "characters",
        ),
    ],
)
def test_a_message_that_describes_nothing_is_recorded_and_the_next_is_taken(
    offered, zigbee, payload, reason
):
    zigbee.client.publish(zigbee.topic("Bad"), payload, retain=True)
    zigbee.announce()
    offered(1)
    details = Event.objects.filter(kind="integration").values_list("detail", flat=True)
    assert any(reason in detail for detail in details), list(details)
    zigbee.client.publish(zigbee.topic("Bad"), "", retain=True)


def test_a_message_of_a_megabyte_is_kept_back_by_the_broker(offered, zigbee, connected):
    zigbee.client.publish(zigbee.topic("Huge"), b"x" * 1_000_000)
    zigbee.announce()
    offered(1)
    assert is_status("connected")
    assert connected.is_alive()


def test_a_flood_of_discovery_is_bounded(offered, zigbee, monkeypatch):
    monkeypatch.setattr(discovered, "MOST", 3)
    for number in range(5):
        zigbee.announce(f"Door {number}")
    noted = Event.objects.filter(kind="integration", detail__contains="beyond the 3")
    until(noted.exists, what="the note")
    assert len(offered(3)) == 3


# --- The import -----------------------------------------------------------------------------------


def test_an_import_makes_a_sensor_with_its_kinds_defaults(ask, offered, zigbee):
    zigbee.announce()
    (door,) = offered(1)
    (made,) = ask("POST", "import/", {"sensors": [{"id": door["id"]}]}).json()
    assert (made["name"], made["kind"], made["type"]) == ("Front door", "door", "entry_exit")
    assert offered(1)[0]["sensor"] == made["id"]
    again = ask("POST", "import/", {"sensors": [{"id": door["id"]}]})
    assert (again.status_code, again.json()["code"]) == (409, "cannot_import")


def test_a_name_and_a_kind_may_be_chosen(ask, offered, zigbee):
    zigbee.announce()
    wish = {"id": offered(1)[0]["id"], "name": "Kitchen", "kind": "window"}
    (made,) = ask("POST", "import/", {"sensors": [wish]}).json()
    assert (made["name"], made["kind"], made["type"]) == ("Kitchen", "window", "perimeter")


def test_two_sensors_with_one_name_both_come_in(ask, offered, zigbee):
    make_sensor("front DOOR")
    zigbee.announce("a", device={"identifiers": ["a"], "name": "Front door"})
    zigbee.announce("b", device={"identifiers": ["b"], "name": "Front door"})
    chosen = [{"id": one["id"]} for one in offered(2)]
    made = ask("POST", "import/", {"sensors": chosen}).json()
    assert [one["name"] for one in made] == ["Front door 2", "Front door 3"]


def test_one_that_expires_brings_its_heartbeat(imported):
    assert sensor(imported(expire_after=600)).heartbeat == 600


def test_of_several_none_comes_in_where_one_cannot(ask, offered, zigbee):
    zigbee.announce()
    zigbee.announce("Plug", device_class="plug")
    chosen = [{"id": one["id"]} for one in offered(2)]
    assert ask("POST", "import/", {"sensors": chosen}).status_code == 409
    assert not Sensor.objects.exists()
    gone = ask("POST", "import/", {"sensors": [{"id": 10**6}]})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_an_import_is_possible_only_while_disarmed(ask, offered, zigbee):
    zigbee.announce()
    (door,) = offered(1)
    armed()
    refused = ask("POST", "import/", {"sensors": [{"id": door["id"]}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_disarmed")
    assert not ImportedSensor.objects.exists()


def test_only_an_admin_sees_and_imports(login, resident):
    ben = login(resident)
    for method, path in (("GET", ""), ("POST", "import/")):
        answer = ben.ask(method, f"integrations/mqtt/discovered/{path}", {"sensors": [{"id": 1}]})
        assert (answer.status_code, answer.json()["code"]) == (403, "admin_only")


def test_an_imported_sensor_has_no_second_way_to_report(imported, browser, other_client, topics):
    pk = imported()
    assert sensor(pk).token_hash == ""
    answer = browser.ask("POST", f"sensors/{pk}/events/", {"active": True}, authorization="Bearer ")
    assert answer.status_code == 401


# --- Its reports ----------------------------------------------------------------------------------


def test_an_opened_door_sets_the_alarm_off(heard, zigbee):
    armed()
    zigbee.report(contact=False)
    until(is_state("pending"), what="the entry delay")
    assert sensor(heard).active is True


def test_battery_and_tamper_contact_are_taken_from_the_device(imported, zigbee):
    for part in ("battery_low", "tamper"):
        zigbee.announce(part=part)
    until(lambda: DiscoveredSensor.objects.count() == 2, what="the parts")
    pk = imported()
    hears(zigbee, pk, "Front door")
    zigbee.report(contact=True, battery_low=True, tamper=True)
    until(lambda: sensor(pk).trouble == ["low_battery", "tamper"], what="both troubles")
    zigbee.report(contact=True, battery_low=False, tamper=False)
    until(lambda: sensor(pk).trouble == [], what="their end")


def test_a_message_without_its_value_is_a_sign_of_life(heard, zigbee):
    before = sensor(heard).last_heard_at
    zigbee.report(linkquality=90)
    until(lambda: sensor(heard).last_heard_at > before, what="the sign of life")
    assert sensor(heard).active is False


def test_a_stored_state_is_no_proof_of_contact(imported, zigbee, ask):
    zigbee.report(retain=True, contact=False)
    pk = imported()
    zigbee.announce("Back door")
    other = DiscoveredSensor.objects.filter(key=zigbee.topic("Back door"))
    until(other.exists, what="what came after the stored state")
    until(lambda: ImportedSensor.objects.filter(pk=pk).exists(), what="the import")
    hears(zigbee, pk, "Front door")
    heard = Event.objects.filter(kind="sensor", sensor_id=pk).order_by("id")
    assert [event.detail for event in heard] == ["Closed."]


def test_a_stored_state_with_its_age_counts_as_old_as_it_is(imported, zigbee):
    zigbee.report(retain=True, contact=False, last_seen=moment(hours=3))
    pk = imported()
    until(is_active(pk, True), what="the stored state")
    age = timezone.now() - sensor(pk).last_heard_at
    assert dt.timedelta(hours=3) <= age < dt.timedelta(hours=4)


def test_a_cached_state_does_not_count_as_heard_now(heard, zigbee):
    """Zigbee2MQTT publishes what it remembers when it starts."""
    zigbee.report(contact=False, last_seen=moment(seconds=0))
    until(is_active(heard, True), what="the opening")
    before = sensor(heard).last_heard_at
    zigbee.report(contact=True, last_seen=moment(hours=5))
    zigbee.report(contact=False, last_seen=moment(seconds=0))
    until(lambda: sensor(heard).last_heard_at > before, what="the newer report")
    details = Event.objects.filter(kind="sensor", sensor_id=heard).values_list("detail", flat=True)
    assert "Closed." not in list(details)[:1]


def test_reports_wait_while_the_panel_is_away(zigbee, start, ask):
    wire = Wire()
    start(port=wire.port)
    is_status("connected")
    zigbee.announce()
    until(DiscoveredSensor.objects.exists, what="the discovery")
    body = {"sensors": [{"id": DiscoveredSensor.objects.get().pk}]}
    pk = ask("POST", "import/", body).json()[0]["id"]
    hears(zigbee, pk, "Front door")
    wire.is_dead = True
    wire.cut()
    is_status("unreachable")
    zigbee.report(contact=False)
    wire.is_dead = False
    until(is_active(pk, True), what="the report that the broker has kept")
    wire.close()


def test_of_one_that_flaps_the_newest_state_counts(heard, zigbee, monkeypatch):
    for number in range(60):
        zigbee.report(contact=bool(number % 2))
    zigbee.report(contact=False)
    until(is_active(heard, True), what="the newest state")


def test_a_removed_sensor_is_subscribed_no_more(heard, connected, zigbee):
    Sensor.objects.filter(pk=heard).delete()
    connected.wake()
    topic = f"{zigbee.base}/Front door"
    until(lambda: topic not in {one.filter for one in connected._subscribed}, what="the end of it")


# --- Its contact ----------------------------------------------------------------------------------


def no_contact(pk: int, wanted: bool):
    return lambda: sensor(pk).no_contact is wanted


def test_offline_is_no_contact_at_once(heard, zigbee):
    zigbee.reach("online", None)
    zigbee.reach("offline")
    until(no_contact(heard, True), what="no contact")
    assert Event.objects.filter(kind="trouble", sensor_id=heard).count() == 1
    zigbee.reach("online")
    until(no_contact(heard, False), what="the contact again")


def test_without_zigbee2mqtt_all_of_its_sensors_are_out_of_contact(heard, zigbee):
    zigbee.reach("online")
    zigbee.reach("offline", None)
    until(no_contact(heard, True), what="no contact")
    zigbee.reach("online", None)
    until(no_contact(heard, False), what="the contact again")


def test_one_out_of_contact_prevents_arming(heard, zigbee, ask):
    from alarm import services
    from tests.actions import ANNA

    zigbee.reach("offline")
    until(no_contact(heard, True), what="no contact")
    with pytest.raises(services.NotReady):
        services.arm("away", ANNA, "api")


def test_one_that_is_announced_no_more_is_out_of_contact(heard, zigbee):
    zigbee.remove()
    until(no_contact(heard, True), what="no contact")
    zigbee.announce()
    until(no_contact(heard, False), what="the contact again")


def test_a_new_name_at_the_source_is_followed(heard, zigbee):
    """Zigbee2MQTT removes the announcement for a moment, and makes it again with new topics."""
    zigbee.remove()
    zigbee.announce(state_topic=f"{zigbee.base}/Main entrance")

    def arrived() -> bool:
        zigbee.report("Main entrance", contact=False)
        return bool(sensor(heard).active)

    until(arrived, what="a report on the new topic")
    followed = Event.objects.filter(sensor_id=heard, detail__contains="Main entrance")
    assert followed.exists()
