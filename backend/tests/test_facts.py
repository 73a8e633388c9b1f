"""What events were composed of: stored beside the text, sealed with it, and hidden with it."""

import hashlib
import json

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from alarm import chain, events, services
from alarm.facts import WORDS, changed_settings, fields
from alarm.models import Cause, Event, EventKind
from config.openapi import document
from core.sentences import FACTS, Catalog, Sentence, restored
from outputs import facts as of_outputs
from people import codes
from people.facts import CODE_USED, PERSON_CHANGED, changed_code, changed_person
from tests.actions import ANNA, arm, disarm, hear, make_sensor

pytestmark = pytest.mark.django_db(transaction=True)


def sentences(text: str, facts: dict) -> list[Sentence]:
    """Return the sentence of facts, and those in it."""
    whole = restored(text, json.dumps(facts))
    inner = [one for value in whole.params.values() for one in flat(value)]
    return [whole, *inner]


def flat(value) -> list[Sentence]:
    if isinstance(value, list):
        return [one for inner in value for one in flat(inner)]
    return [value] if isinstance(value, Sentence) else []


def test_a_sentence_remembers_its_template_and_its_values():
    said = PERSON_CHANGED(
        username="ben",
        changes=[changed_person("role", "admin"), changed_person("is_active", False)],
    )
    assert said == "ben: role is now admin, is_active is now False."
    assert said.facts == {
        "code": "person_changed",
        "params": {
            "username": "ben",
            "changes": [
                {
                    "code": "person_role",
                    "params": {"value": {"code": "role_admin", "params": {}}},
                },
                {"code": "person_no_is_active", "params": {}},
            ],
        },
    }
    again = restored(said, said.stored)
    assert (again, again.facts) == (said, said.facts)
    assert str(ValueError(said)) == said
    assert str(ValueError(said)).code == "person_changed"


def test_text_of_another_origin_has_no_facts():
    assert Sentence("Text.").facts is None
    assert (Sentence("Text.").stored, restored("Text.", "").code) == ("", "")
    with pytest.raises(KeyError):
        FACTS["person_changed"](username="ben")


def test_a_code_has_one_text():
    catalog = Catalog()
    catalog.add("one", "One.")
    with pytest.raises(ValueError, match="one has a text already"):
        catalog.add("one", "Another.")


def test_a_part_that_is_unknown_now_is_empty():
    stored = '{"code": "x", "params": {"reason": {"code": "y", "params": {}}}}'
    assert restored("Text.", stored).params == {"reason": ""}


def test_fields_and_settings_are_named_one_by_one():
    assert [one.code for one in fields({"modes", "chime"})] == ["field_chime", "field_modes"]
    before = {"exit_delay": {"home": 1, "away": 2}, "siren_duration": 5, "retention_days": 9}
    after = {**before, "exit_delay": {"home": 1, "away": 3}, "siren_duration": 6}
    said = changed_settings(before, after)
    assert said == "Exit delay away 2 → 3, siren duration 5 → 6."
    assert [one.code for one in said.params["changes"]] == [
        "setting_exit_delay",
        "setting_siren_duration",
    ]
    assert changed_code("duress", False).code == "code_no_duress"
    assert changed_code("person", None).code == "code_no_person"


def test_each_event_of_a_used_panel_has_facts_that_say_what_its_text_says(pin):
    call_command("seed")
    door = make_sensor("Cellar")
    hear(door)
    hear(door, False)
    arm()
    disarm(codes.matching(pin))
    services.change_settings(ANNA, Cause.API, siren_duration=77)
    schema = document()["components"]["schemas"]["EventFacts"]
    seen = set()
    told = Event.objects.exclude(detail="")
    assert told.count() > 200
    for event in told:
        facts = json.loads(event.facts)
        Draft202012Validator(schema).validate(facts)
        for one in sentences(event.detail, facts):
            assert sorted(one.params) == sorted(FACTS[one.code].names), event.detail
            seen.add(one.code)
        template = FACTS[facts["code"]]
        whole = template(**restored("", event.facts).params)
        assert whole.lower() == event.detail.lower()
    assert {"opened", "code_used_to_disarm", "settings_changed", "logged_in"} <= seen


def test_the_hash_of_an_event_without_facts_is_that_of_older_versions():
    """Their events are checked by it, and were written by a function that knew no facts."""
    events.record("login", cause="api", actor=ANNA)
    event = Event.objects.get()
    covered = [
        *(chain.EventChain.BEGINNING, event.sequence, event.pk),
        f"{event.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        *("login", "", "", "api", 1, "Anna", None, "", ANNA.source, ""),
    ]
    text = json.dumps(covered, ensure_ascii=False, separators=(", ", ": "))
    assert event.hash == hashlib.sha256(text.encode()).hexdigest()


def test_the_facts_of_an_event_are_sealed():
    events.record("login", cause="api", actor=ANNA, detail=CODE_USED["arm"](label='“Ä\\"'))
    event = Event.objects.get()
    assert chain.check().last == 1
    event.facts = ""
    assert event.hash != chain.hash_of(chain.EventChain.BEGINNING, event)


def test_a_resident_gets_no_facts_of_codes(login, admin, resident):
    detail = CODE_USED["disarm"](label="Under duress")
    for kind in (EventKind.CODE, EventKind.DURESS):
        events.record(kind, cause="api", actor=ANNA, detail=detail)
    wanted = {"code": "code_used_to_disarm", "params": {"label": "Under duress"}}
    for person, expected in ((admin, wanted), (resident, None)):
        found = login(person).ask("GET", "events/?kind=code&kind=duress").json()["results"]
        assert [event["facts"] for event in found] == [expected] * 2
    masked = events.for_residents(Event.objects.filter(kind="duress").get())
    assert (masked.detail, masked.facts) == ("", "")


def test_each_kind_of_sensor_and_each_fault_of_an_output_has_facts():
    assert all(one.code for pair in WORDS.values() for one in pair)
    assert all(template.code for template in of_outputs.REASONS.values())
