"""Imports sensors that other programs announce: the alarm's sensor, and where it is reported."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from alarm import sensor_rules, sensors
from alarm.facts import TROUBLE_WORDS
from alarm.models import Cause, EventKind, Sensor
from alarm.sensor_types import Trouble
from alarm.unit_of_work import unit_of_work
from integrations.models import DiscoveredSensor, ImportedSensor, MqttAccount
from integrations.mqtt.candidates import BATTERY, KINDS, REFUSALS, TAMPER, Candidate
from integrations.mqtt.ignored import MQTT
from people.actors import Actor

LONGEST_NAME = 64


class NotDiscovered(Exception):
    """A discovered sensor is not there any more."""


class CannotImport(Exception):
    """A discovered sensor cannot be imported; the text is a sentence for a person."""


class Offer:
    """A discovered sensor as it is offered: with its device's other parts merged into it."""

    def __init__(self, row: DiscoveredSensor, siblings: list[Candidate], sensor: int | None):
        self.id, self.key, self.sensor = row.pk, row.key, sensor
        self.data: Candidate = row.data
        self._siblings = siblings

    @property
    def name(self) -> str:
        """The device's name; with the entity's, where the device has several sensors."""
        device, entity = self.data["device_name"], self.data["name"]
        if not device:
            return entity or self.key.split("/")[-2][:LONGEST_NAME] or self.device_class
        if sum(_is_sensor(one, self._siblings) for one in self._siblings) > 1:
            return f"{device} {entity or self.data['device_class']}"[:LONGEST_NAME].strip()
        return device

    @property
    def kind(self) -> str | None:
        return None if self.refusal else KINDS[self.data["device_class"]]

    @property
    def device_class(self) -> str:
        return self.data["device_class"]

    @property
    def model(self) -> str:
        return self.data["model"]

    @property
    def origin(self) -> str:
        return self.data["origin"]

    @property
    def topic(self) -> str:
        return self.data["state"]["topic"] if self.data["state"] else ""

    @property
    def tells(self) -> list[str]:
        """What it tells beside its state."""
        found = {
            BATTERY: _sibling(self._siblings, BATTERY),
            TAMPER: self.device_class != TAMPER and _sibling(self._siblings, TAMPER),
            "availability": self.data["availability"],
        }
        return [name for name, there in found.items() if there]

    @property
    def refusal(self) -> str:
        return self.data["refusal"]

    @property
    def detail(self) -> str:
        return REFUSALS.get(self.refusal, "")


def offers() -> list[Offer]:
    """Return what can be imported, then what cannot, each by name; parts of a device once."""
    rows = list(DiscoveredSensor.objects.all())
    imported = dict(ImportedSensor.objects.values_list("key", "sensor_id"))
    devices: dict[str, list[Candidate]] = {}
    for row in rows:
        devices.setdefault(row.data["device"] or row.key, []).append(row.data)
    found = [
        Offer(row, siblings, imported.get(row.key))
        for row in rows
        if (siblings := devices[row.data["device"] or row.key])
        if row.key in imported or _is_sensor(row.data, siblings)
    ]
    return sorted(found, key=lambda one: (bool(one.refusal), one.name.lower(), one.id))


def import_sensors(chosen: list[dict[str, Any]], actor: Actor) -> list[Sensor]:
    """Add the chosen sensors, `{"id", "name", "kind"}` with the last two optional.

    Raises NotDiscovered, CannotImport, NotDisarmed or TooManySensors; then none is added.
    """
    with transaction.atomic():
        wanted = [one["id"] for one in chosen]
        rows = DiscoveredSensor.objects.select_for_update().filter(pk__in=wanted)
        if len({row.pk for row in rows}) < len(set(wanted)):
            raise NotDiscovered("A chosen sensor is not announced any more: load the list again.")
        offered = {one.id: one for one in offers()}
        return [_import(offered.get(one["id"]), one, actor) for one in chosen]


def _import(offer: Offer | None, wish: dict[str, Any], actor: Actor) -> Sensor:
    if offer is None:
        raise CannotImport("This is a part of another sensor, which brings it along.")
    if offer.sensor is not None or ImportedSensor.objects.filter(key=offer.key).exists():
        raise CannotImport(f"{offer.name} is imported already.")
    if offer.refusal:
        raise CannotImport(f"{offer.name} cannot be imported: {offer.detail}")
    fields = {"name": _free(wish.get("name") or offer.name), "kind": wish.get("kind") or offer.kind}
    if offer.data["expire_after"]:
        fields["heartbeat"] = offer.data["expire_after"]
    try:
        sensor = sensors.create(actor, Cause.API, **fields)
    except sensors.NameTaken as error:  # by another request a moment ago
        raise CannotImport(str(error)) from error
    # It reports over its source alone: a second way would be one more to forge its reports.
    Sensor.objects.filter(pk=sensor.pk).update(token_hash="")
    MqttAccount.objects.filter(sensor=sensor).delete()
    source = source_of(DiscoveredSensor.objects.get(pk=offer.id))
    ImportedSensor.objects.create(sensor=sensor, key=offer.key, source=source)
    return sensor


def source_of(row: DiscoveredSensor) -> dict[str, Any]:
    """Return how a sensor is reported: the readings of its state, battery and tamper contact."""
    data: Candidate = row.data
    siblings: list[Candidate] = [data]
    if data["device"]:
        same = DiscoveredSensor.objects.filter(data__device=data["device"]).order_by("key")
        siblings = [one.data for one in same]
    is_tamper = data["device_class"] == TAMPER
    return {
        "state": data["state"],
        "battery": _sibling(siblings, BATTERY),
        "tamper": None if is_tamper else _sibling(siblings, TAMPER),
        "availability": data["availability"],
        "availability_mode": data["availability_mode"],
    }


def follow_contact(row: ImportedSensor) -> None:
    """Let a sensor be out of contact while its source cannot reach it or knows it no longer."""
    is_away = row.is_offline or row.is_gone
    if row.sensor.no_contact == (is_away or sensor_rules.is_unheard(row.sensor, timezone.now())):
        return
    with unit_of_work(Cause.MQTT, MQTT) as work:
        sensor = Sensor.objects.select_for_update().filter(pk=row.sensor_id).first()
        wanted = is_away or bool(sensor and sensor_rules.is_unheard(sensor, timezone.now()))
        if sensor and sensor.no_contact != wanted:
            sensor.no_contact = wanted
            work.save_sensor(sensor, "no_contact")
            begins, ends = TROUBLE_WORDS[Trouble.NO_CONTACT]
            work.record(EventKind.TROUBLE, sensor, begins if wanted else ends)
            work.refresh_readiness()


def _is_sensor(one: Candidate, siblings: list[Candidate]) -> bool:
    """Whether it is a sensor of its own, and not the battery or the tamper contact of another."""
    if one["device_class"] == BATTERY:
        return False
    others = (other["device_class"] for other in siblings if not other["refusal"])
    return one["device_class"] != TAMPER or not any(
        kind in KINDS and kind != TAMPER for kind in others
    )


def _sibling(siblings: list[Candidate], device_class: str) -> Any:
    """Return the reading of a device's part of this class, or None."""
    parts = (one for one in siblings if one["device_class"] == device_class and not one["refusal"])
    return next((one["state"] for one in parts), None)


def _free(name: str) -> str:
    """Return this name, or with a number where another sensor has it already."""
    taken = {taken.lower() for taken in Sensor.objects.values_list("name", flat=True)}
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        ending = f" {number}"
        found = name[: LONGEST_NAME - len(ending)] + ending
    return found
