"""Demo data: sensors, and a history of two weeks."""

import datetime as dt
import random
from typing import Any

from django.utils import timezone

from alarm import sensor_rules
from alarm.models import Cause, Event, EventKind, Sensor
from alarm.sensor_types import Kind, Mode, Type
from people import facts
from people.models import Person

DAYS = 14
AT_NIGHT = ("away", "night", "vacation")
AT_WORK = ("away", "vacation")

SENSORS: tuple[tuple[str, Kind, dict[str, Any]], ...] = (  # name, kind, what is no default
    ("Front door", Kind.DOOR, {"final_door": True, "chime": True}),
    ("Back door", Kind.DOOR, {"type": Type.PERIMETER}),
    ("Garage", Kind.DOOR, {"modes": AT_NIGHT, "entry_delay": 60}),
    ("Kitchen window", Kind.WINDOW, {"modes": AT_NIGHT}),
    ("Bedroom window", Kind.WINDOW, {"modes": AT_WORK}),
    ("Shop window", Kind.VIBRATION, {}),
    ("Hall", Kind.MOTION, {}),
    ("Living room", Kind.MOTION, {"modes": AT_NIGHT}),
    ("Kitchen smoke", Kind.SMOKE, {}),
    ("Kitchen heat", Kind.HEAT, {}),
    ("Boiler", Kind.CARBON_MONOXIDE, {}),
    ("Cooker", Kind.GAS, {}),
    ("Laundry water", Kind.WATER, {}),
    ("Freezer", Kind.COLD, {}),
    ("Siren's box", Kind.TAMPER, {}),
    ("Bedside button", Kind.PANIC, {}),
)
PHONES = ("Chrome on Android, 192.168.1.23", "Safari on iPhone, 192.168.1.31")
WALL = "Firefox on Linux, 192.168.1.7"


class Diary:
    """Makes the events in memory; always the same ones."""

    def __init__(self, people: list[Person], sensors: list[Sensor]) -> None:
        self.people = people
        self.sensors = {sensor.name: sensor for sensor in sensors}
        self.events: list[Event] = []
        self.chance = random.Random(5427)
        self.state = "disarmed"

    def write(self) -> list[Event]:
        """Return the events of the last days, oldest first; none is younger than this morning."""
        today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        for day in range(DAYS, 0, -1):
            self.live_through(today - dt.timedelta(days=day), is_burglary=day == 5)
        return self.events

    def live_through(self, midnight: dt.datetime, is_burglary: bool) -> None:
        """Sleep, leave, come home, and go to bed."""
        person = self.chance.choice(self.people)
        self.now = midnight + dt.timedelta(hours=6, minutes=self.chance.randrange(60))
        if self.state != "disarmed":
            self.disarm(person)
        self.open_and_close("Kitchen window")
        self.log_in(person)
        self.wait(40, 90)
        self.arm(person, Mode.AWAY)
        self.open_and_close("Front door")
        self.become("armed_away", Cause.TIMER)
        if is_burglary:
            self.wait(120, 180)
            self.burgle()
        self.wait(300, 420)
        self.come_home(self.chance.choice(self.people))
        for name in ("Hall", "Living room", "Back door"):
            self.open_and_close(name)
        self.wait(180, 240)
        self.arm(person, Mode.NIGHT)
        self.wait(1, 1)
        self.become("armed_night", Cause.TIMER)

    def come_home(self, person: Person) -> None:
        """Open the door, and type the PIN: now and then a wrong one first."""
        self.report("Front door", True)
        if self.state == "armed_away":
            self.become("pending", Cause.SENSOR, sensor=self.sensors["Front door"])
        if self.chance.random() < 0.2:
            detail = facts.WRONG_PIN()
            self.add(EventKind.WRONG_PIN, Cause.API, person=person, source=WALL, detail=detail)
        self.disarm(person)
        self.report("Front door", False)

    def burgle(self) -> None:
        """Open the back door while the alarm is armed: the siren sounds for its time."""
        self.report("Back door", True)
        self.become("triggered", Cause.SENSOR, sensor=self.sensors["Back door"])
        self.wait(5, 5)
        self.become("armed_away", Cause.TIMER)
        self.report("Back door", False)

    def arm(self, person: Person, mode: Mode) -> None:
        self.become("arming", Cause.API, person=person, source=self.chance.choice(PHONES))
        self.wait(0, 1)

    def disarm(self, person: Person) -> None:
        detail = facts.CODE_USED["disarm"](label="Family")
        self.add(EventKind.CODE, Cause.API, person=person, source=WALL, detail=detail)
        self.become("disarmed", Cause.API, person=person, source=WALL)

    def log_in(self, person: Person) -> None:
        source = self.chance.choice(PHONES)
        self.add(EventKind.LOGIN, Cause.API, person=person, source=source, detail=facts.LOGGED_IN())

    def open_and_close(self, name: str) -> None:
        self.wait(1, 30)
        self.report(name, True)
        self.wait(0, 3)
        self.report(name, False)

    def report(self, name: str, active: bool) -> None:
        sensor = self.sensors[name]
        sensor.active, sensor.last_heard_at = active, self.now
        detail = sensor_rules.words(sensor)
        self.add(EventKind.SENSOR, Cause.SENSOR, sensor=sensor, detail=detail)

    def become(self, state: str, cause: Cause, **more: Any) -> None:
        more |= {"from_state": self.state, "to_state": state}
        self.add(EventKind.TRANSITION, cause, **more)
        self.state = state

    def wait(self, shortest: int, longest: int) -> None:
        self.now += dt.timedelta(
            minutes=self.chance.randint(shortest, longest), seconds=self.chance.randrange(1, 60)
        )

    def add(
        self,
        kind: EventKind,
        cause: Cause,
        *,
        person: Person | None = None,
        sensor: Sensor | None = None,
        **fields: Any,
    ) -> None:
        """Write one event; the next one is some milliseconds later."""
        self.now += dt.timedelta(milliseconds=self.chance.randrange(5, 900))
        source = "timer" if cause is Cause.TIMER else f"sensor {sensor.name}" if sensor else ""
        names = {
            "person_id": person.pk if person else None,
            "person_name": person.name if person else "",
            "sensor_id": sensor.pk if sensor else None,
            "sensor_name": sensor.name if sensor else "",
        }
        stored = getattr(fields.get("detail"), "stored", "")
        fields = {"source": source, "facts": stored, **fields, **names}
        self.events.append(Event(at=self.now, kind=kind.value, cause=cause.value, **fields))
