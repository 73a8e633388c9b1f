"""The codes beside the sentences about fields: the page says the same in its language by them."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator
from rest_framework import serializers

from config.openapi import document
from core import faults
from core.sentences import FAULTS
from core.views import View, operation
from tests.actions import make_sensor
from tests.conftest import PASSWORD, PIN

pytestmark = pytest.mark.django_db(transaction=True)

# Keys of REST framework's fields that no JSON of the right type leads to.
NEVER = {
    *("max_string_length", "make_aware", "overflow", "date", "invalid_unicode", "not_a_list"),
    *("not_a_dict", "incorrect_type", "datetime"),
}


def codes(answer, status: int = 400) -> dict:
    """Return the codes of an answer, which are those that the document declares."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["code"] == "invalid"
    assert body["fields"].keys() == body["field_codes"].keys()
    schema = document()["components"]["schemas"]["FieldCode"]
    for one in body["field_codes"].values():
        Draft202012Validator(schema).validate(one)
        assert sorted(one["params"]) == sorted(FAULTS[one["code"]].names)
    return {name: (one["code"], one["params"]) for name, one in body["field_codes"].items()}


def test_codes_of_the_framework_have_the_limits_of_the_field(login, admin):
    browser = login(admin)
    body = {"name": "x" * 65, "kind": "dragon", "entry_delay": 4000, "heartbeat": -1}
    assert codes(browser.ask("POST", "sensors/", {**body, "name": "", "modes": 5 * ["away"]})) == {
        "name": ("blank", {}),
        "kind": ("invalid_choice", {}),
        "entry_delay": ("max_value", {"max": 3600}),
        "heartbeat": ("min_value", {"min": 0}),
        "modes": ("max_items", {"max": 4}),
    }
    assert codes(browser.ask("POST", "sensors/", body)) == {"name": ("max_length", {"max": 64})}
    assert codes(browser.ask("POST", "sensors/", {"name": None})) == {
        "name": ("null", {}),
        "kind": ("required", {}),
    }
    wrong = {"name": 5, "kind": "door", "chime": "yes", "entry_delay": "1"}
    assert codes(browser.ask("POST", "sensors/", wrong)) == {
        "name": ("wrong_type_text", {}),
        "chime": ("wrong_type_boolean", {}),
        "entry_delay": ("wrong_type_integer", {}),
    }
    assert codes(browser.ask("PATCH", "settings/", {"exit_delay": {"home": -1}})) == {
        "exit_delay": ("min_value", {"min": 0})
    }


def test_own_rules_have_codes_of_their_own(login, admin, resident):
    browser = login(admin)
    assert browser.ask("POST", "session/proof/", {"password": PASSWORD}).status_code == 204
    code = {"label": "Key", "pin": "12", "valid_from": "2026-01-01T00:00:00Z"}
    assert codes(browser.ask("POST", "codes/", {**code, "valid_until": "tomorrow"})) == {
        "pin": ("pin_format", {"min": 4, "max": 12}),
        "valid_until": ("moment_format", {"example": "2026-01-31T12:00:00Z"}),
    }
    late = {**code, "pin": PIN, "valid_until": "2025-01-01T00:00:00Z"}
    assert codes(browser.ask("POST", "codes/", late)) == {"valid_until": ("not_after_begin", {})}
    far = {**code, "pin": PIN, "valid_until": "2199-01-01T00:00:00Z"}
    assert codes(browser.ask("POST", "codes/", far)) == {
        "valid_until": ("year_range", {"min": 2000, "max": 2100})
    }
    person = {"username": "BEN", "password": "short"}
    assert codes(browser.ask("POST", "people/", person)) == {"username": ("username_taken", {})}
    window = {"name": "Window", "kind": "window", "final_door": True}
    assert codes(browser.ask("POST", "sensors/", window)) == {"final_door": ("no_final_door", {})}
    smoke = make_sensor("Kitchen", "smoke")
    assert codes(browser.ask("POST", f"sensors/{smoke.pk}/bypass/", {"bypassed": True})) == {
        "bypassed": ("protects_lives", {"name": "Kitchen"})
    }
    output = {"name": "Relay", "kind": "webhook", "on_url": "relay", "off_url": "http://r.lan/#x"}
    found = codes(browser.ask("POST", "outputs/", output))
    assert {name: code for name, (code, _) in found.items()} == {
        "on_url": "address_format",
        "off_url": "address_fragment",
    }
    channel = {"name": "Mail", "url": "syslog://", "kinds": []}
    found = codes(browser.ask("POST", "notifications/channels/", channel))
    assert found["url"][0] == "url_stays_here"
    settings = {"time_zone": "Europe/Nowhere"}
    assert codes(browser.ask("PATCH", "notifications/settings/", settings)) == {
        "time_zone": ("no_time_zone", {})
    }


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("fr4gments", ("password_too_short", {"min": 10})),
        ("annaannaanna", ("password_too_similar", {})),
        ("password123", ("password_too_common", {})),
        ("83650182746591", ("password_entirely_numeric", {})),
    ],
)
def test_rules_of_passwords_have_djangos_codes(browser, password, expected):
    body = {"username": "annaanna", "name": "Anna", "pin": PIN, "password": password}
    assert codes(browser.ask("POST", "setup/", body)) == {"password": expected}


def test_an_unknown_code_is_told_as_the_one_whose_text_is_shown():
    detail = serializers.ValidationError("New.", "of_a_newer_framework").detail[0]
    assert faults.described(detail) == {"code": faults.OTHER, "params": {}}
    without_its_limit = serializers.ValidationError("Long.", "max_length").detail[0]
    assert faults.described(without_its_limit) == {"code": faults.OTHER, "params": {}}


def bodies(patterns=None):
    """Yield each serializer that validates a request."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        view = getattr(getattr(entry, "callback", None), "view_class", None)
        if isinstance(entry, URLResolver):
            yield from bodies(entry.url_patterns)
        elif isinstance(entry, URLPattern) and view and issubclass(view, View):
            found = [one for one in vars(view).values() if isinstance(one, operation)]
            yield from (one.body() for one in found if one.body)


def fields_of(serializer):
    for field in serializer.fields.values():
        inner = getattr(field, "child", field)
        yield from fields_of(inner) if hasattr(inner, "fields") else (field,)


def test_each_message_of_each_field_of_a_request_has_a_code_that_is_declared():
    fields = [field for body in bodies() for field in fields_of(body) if not field.read_only]
    assert len(fields) > 50
    for field in fields:
        for key, text in field.error_messages.items():
            if key in NEVER:
                continue
            fault = faults.coded(field, serializers.ErrorDetail(text, key))
            is_plain = not isinstance(field, serializers.RegexField | serializers.TimeField)
            where = f"{field.field_name}: {key}"
            assert str(fault.code) in FAULTS, where
            assert key != "invalid" or is_plain or fault.code != faults.OTHER, where
