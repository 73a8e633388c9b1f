"""Notifications in the language of whom they go to."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils import timezone

from alarm import changes, events
from alarm import facts as of_alarm
from alarm.models import Alarm, Cause, Event, EventKind
from alarm.sensor_types import Trouble
from core.sentences import FACTS, NOTHING, names_of
from notifications import escalation, facts, late_arming, outbox, rendering, trial, words
from notifications.kinds import Kind
from notifications.messages import Message
from notifications.models import Delivery, NotificationSettings
from outputs import facts as of_outputs
from people import facts as of_people
from people.actors import Actor
from people.models import Person, Role
from tests.actions import ANNA, SENSOR, make_sensor
from tests.conftest import PASSWORD
from tests.notifying import make_browser, make_channel, waiting

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = sorted(words.WORDS)
MQTT = Actor(None, "", "MQTT")
SOMEONE = Actor(999_999, "Anna", ANNA.source)  # no reader: they do not hear of their own duress
NAMES = {"Anna", "Tür", "Ntfy", "Family", "Clave", "MQTT", "URL", "KeyError", "UTC"}
# The same in two languages.
COGNATES = {
    *("alarm", "test", "gas", "vibration", "code", "codes", "push", "error", "broker", "contact"),
    *("danger", "minutes", "pins", "panel", "service", "message", "messages", "token", "tokens"),
    "notifications",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_each_sentence_with_its_values(language):
    known = {**FACTS, **facts.TOLD}
    table = words.WORDS[language]
    assert table.keys() <= known.keys()
    assert facts.TOLD.keys() <= table.keys()
    assert table.keys() == words.WORDS[LANGUAGES[0]].keys()
    for code, text in table.items():
        assert sorted(names_of(text)) == sorted(known[code].names), code


def reader(language: str) -> Person:
    return Person.objects.create_user(
        f"reader-{language}", PASSWORD, name="Anna", role=Role.ADMIN, language=language
    )


def happenings() -> Iterator[object]:
    """Let happen, one after the other, whatever leads to another notification."""
    door = make_sensor("Tür")
    alarm = changes.locked_alarm

    def write(kind, *arguments, cause=Cause.API, actor=SOMEONE, **more) -> Event:
        return events.write(alarm(), kind, cause, actor, *arguments, **more)

    for states in (("disarmed", "arming"), ("arming", "disarmed")):
        yield write(EventKind.TRANSITION, states=states)
        yield write(EventKind.TRANSITION, states=states, cause=Cause.MQTT, actor=MQTT)
    silence = {"states": ("triggered", "triggered"), "detail": of_alarm.SILENCED}
    yield write(EventKind.TRANSITION, **silence)
    yield write(EventKind.TRANSITION, **silence, cause=Cause.MQTT, actor=MQTT)
    yield write(EventKind.TRANSITION, states=("disarmed", "triggered"))
    yield write(EventKind.TRANSITION, states=("disarmed", "triggered"), actor=Actor(None, "", ""))
    elapsed = {"states": ("pending", "triggered"), "cause": Cause.TIMER, "actor": events.TIMER}
    yield write(EventKind.TRANSITION, **elapsed)
    write(EventKind.TRANSITION, door, ("armed_away", "pending"), cause=Cause.SENSOR, actor=SENSOR)
    yield write(EventKind.TRANSITION, **elapsed)
    yield write(EventKind.TRANSITION, door, ("armed_away", "triggered"), cause=Cause.SENSOR)

    yield write(EventKind.DURESS)
    for used in of_people.CODE_USED.values():
        yield write(EventKind.DURESS, detail=used(label="Family"))
    yield write(EventKind.SILENT_PANIC)
    pairs = [*of_alarm.WORDS.values(), *of_alarm.TROUBLE_WORDS.values()]
    for said in (one for pair in pairs for one in pair):
        yield write(EventKind.TROUBLE, door, detail=said)
    yield write(EventKind.TROUBLE, detail=of_alarm.TROUBLE_WORDS[Trouble.NO_CONTACT][0])
    for refusal in (
        *(of_alarm.OF_FUTURE(), of_alarm.RECEIVED(), of_alarm.NEWER_RECEIVED()),
        *(of_alarm.HEARD_SINCE(), of_alarm.TOO_OFTEN(), of_alarm.OLD_BY_DAYS(days=3)),
        of_alarm.OLD_BY_MINUTES(minutes=5),
    ):
        state = of_alarm.WORDS["panic"][0]
        refused = of_alarm.REFUSED_STATE(state=state, reason=refusal)
        yield write(EventKind.SILENT_PANIC, door, detail=refused)
        yield write(EventKind.SILENT_PANIC, door, detail=of_alarm.REFUSED(reason=refusal))
    for many in (
        *(of_people.TOO_MANY_LOGINS(), of_people.TOO_MANY_PASSWORDS(), of_people.TOO_MANY_PINS()),
        *(of_people.TOO_MANY_TOTP_CODES(), of_people.TOO_MANY_SETUP_TOKENS()),
    ):
        yield write(EventKind.LOCKOUT, detail=many)
    for reason in of_outputs.REASONS.values():
        fails = of_outputs.FAILS(name="Tür", reason=reason())
        yield write(EventKind.OUTPUT, cause=Cause.TIMER, detail=fails)
    yield write(EventKind.OUTPUT, cause=Cause.TIMER, detail=of_outputs.ANSWERS(name="Tür"))

    late_arming._tell(facts.NOT_ARMED(time="23:00"))
    yield None
    for why in (
        *(facts.SERVICE_ERROR(service="Ntfy", status=500), facts.SERVICE_AWAY(service="Ntfy")),
        *(facts.SERVICE_REFUSES(service="Ntfy"), facts.DEFECT(error="KeyError")),
        *(facts.TOO_LATE(seconds="15"), facts.HANGING(seconds="15"), facts.PUSH_UNREADABLE()),
        *(facts.PUSH_AWAY(), facts.PUSH_ERROR(status=500)),
    ):
        text = facts.NOT_SENT(target="Ntfy", reason=why)
        message = Message(Kind.TROUBLE, "undelivered", facts.FAILURE_TITLE, text)
        outbox.put(message, outbox.targets(message))
        yield message
    text = facts.ESCALATION(names=["Tür", "Clave"])
    message = Message(Kind.ALARM, "escalation", facts.ESCALATION_TITLE, text)
    outbox.put(message, outbox.targets(message))
    yield message
    for _ in range(2):
        more = Message(Kind.TROUBLE, "more", facts.MORE_TITLE, of_alarm.WORDS["gas"][0])
        outbox.put(more, outbox.targets(more))
    Delivery.objects.update(last_at=timezone.now() + dt.timedelta(seconds=90))
    yield None


def words_of(text: str) -> set[str]:
    return {one.lower() for one in re.findall(r"[^\W\d_]{3,}", text)} - {n.lower() for n in NAMES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notification_is_in_the_language_of_its_person(language, monkeypatch):
    asked: set[str] = set()

    class Table(dict):
        def get(self, code, default=None):
            asked.add(code)
            return super().get(code, default)

    table = words.WORDS[language]
    monkeypatch.setattr(words, "WORDS", {language: Table(table)})
    make_channel(name="English")
    make_channel(name="Theirs", person=reader(language))
    count = 0
    with transaction.atomic():
        for _ in happenings():
            count += 1
            rows = {row.target_name: row for row in waiting()}
            assert rows.keys() == {"English", "Theirs"}, count
            english, theirs = rows["English"], rows["Theirs"]
            assert (english.language, theirs.language) == ("en", language)
            for before, after in (
                (english.title, theirs.title),
                (rendering.body(english), rendering.body(theirs)),
            ):
                assert after, before
                left_over = words_of(before) & words_of(after) - COGNATES
                assert not left_over, f"{before!r} is {after!r}"
            Delivery.objects.all().delete()
    assert count > 70
    said = [words.said_in(language, one) for one in (facts.TEST_TITLE, facts.TEST)]
    assert said == [table["test_title"], table["test"]]
    # Nothing was said in English for want of a text, and no text is for nothing.
    assert asked - {""} == table.keys()


def test_a_browser_and_the_tests_speak_the_persons_language_and_others_the_installations(settings):
    settings.ALARM_LANGUAGE = "es"
    person = reader("fr")
    make_browser(person)
    make_channel(name="Mail")
    make_channel(name="Hers", person=person)
    undecided = Person.objects.create_user("ben", PASSWORD)
    make_channel(name="His", person=undecided)
    events.record(EventKind.LOCKOUT, cause=Cause.API, actor=ANNA, detail=of_people.TOO_MANY_PINS())
    assert {row.target_name: row.body for row in waiting()} == {
        "Mail": "Demasiados PIN incorrectos.",
        "His": "Demasiados PIN incorrectos.",
        "Hers": "Trop de codes PIN erronés.",
        "Chrome on Android (Anna)": "Trop de codes PIN erronés.",
    }
    assert trial.words(person)[1].startswith("Ceci est un test")
    assert trial.words(None)[1].startswith("Esto es una prueba")


def test_what_is_joined_stays_in_the_language_of_the_first():
    person = reader("de")
    make_channel(person=person)
    door = make_sensor("Tür")
    opened, closed = of_alarm.WORDS["door"]
    trouble = {"cause": Cause.SENSOR, "actor": SENSOR, "sensor": door}
    events.record(EventKind.TROUBLE, **trouble, detail=opened)
    Person.objects.update(language="fr")
    events.record(EventKind.TROUBLE, **trouble, detail=closed)
    events.record(EventKind.TROUBLE, **trouble, detail=closed)
    (row,) = waiting()
    assert row.body == "Geöffnet.\nGeschlossen. (2-mal)"


def test_a_delivery_of_an_older_version_and_an_unknown_language_are_in_english():
    row = Delivery(lines=[{"text": "Smoke.", "count": 2}])
    assert row.body == "Smoke. (2 times)"
    assert words.said_in("tlh", facts.TEST_TITLE) == "Test"
    assert words.said_in("de", "Plain.") == "Plain."
    assert words.said_in("de", NOTHING) == ""


def test_escalation_and_late_arming_speak_it_too(settings):
    settings.ALARM_LANGUAGE = "de"
    make_channel(escalate_after=60)
    at = (timezone.now() - dt.timedelta(seconds=90)).isoformat()
    Alarm.objects.update_or_create(
        pk=1, defaults={"memory": [{"id": 1, "name": "Tür", "kind": "door", "at": at}]}
    )
    escalation.tell_if_due()
    NotificationSettings.load()
    NotificationSettings.objects.update(late_arming_at="00:00")
    late_arming.tell_if_due(timezone.now().replace(hour=0, minute=5))
    assert [(row.title, row.body) for row in waiting()] == [
        (
            "Alarm nicht quittiert",
            "Ausgelöst durch Tür. Quittieren Sie den Alarm am Bedienteil.",
        ),
        ("Nicht scharf", "Die Anlage ist um 00:00 Uhr nicht scharf."),
    ]


def test_a_person_chooses_a_language(login, resident):
    page = login(resident)
    assert page.ask("POST", "session/language/", {"language": "de"}).status_code == 204
    resident.refresh_from_db()
    assert words.language_of(resident) == "de"
    answer = page.ask("POST", "session/language/", {"language": "tlh"})
    assert answer.json()["field_codes"]["language"]["code"] == "invalid_choice"
