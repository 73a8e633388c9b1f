"""Rules for every request."""

import pytest

from tests.actions import CSRF_COOKIE

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 64 * 1024


def code_of(page, body, **headers) -> tuple[int, str]:
    answer = page.ask("POST", "alarm/arm/", body, **headers)
    return answer.status_code, answer.json()["code"]


def test_a_body_is_bounded(page):
    padding = LIMIT - len('{"mode": ""}')
    assert code_of(page, '{"mode": "' + "x" * padding + '"}') == (400, "invalid")
    assert code_of(page, '{"mode": "' + "x" * (padding + 1) + '"}') == (413, "too_large")


@pytest.mark.parametrize("size", ["-1", "many", "1" * 5000, "65537"])
def test_an_invalid_content_length_is_refused(page, size):
    answer = page.generic("POST", "/api/alarm/arm/", "{}", "application/json", CONTENT_LENGTH=size)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "body",
    ["{", "nonsense", '{"mode": NaN}', "[" * 30_000, b"\xff\xfe", '{"mode": ' + "1" * 5000 + "}"],
)
def test_malformed_json_is_a_bad_request(page, body):
    assert code_of(page, body) == (400, "parse_error")


@pytest.mark.parametrize("body", ["[]", "null", "1", '"x"', "{}", '{"mode": "sea"}'])
def test_a_body_of_another_shape_is_invalid(page, body):
    assert code_of(page, body) == (400, "invalid")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("session/language/", '{"language": "\\ud800"}', "language"),
        ("notifications/push/", '{"kinds": ["alarm", "\\udfff"]}', "kinds"),
    ],
)
def test_a_half_character_in_place_of_a_choice_is_invalid(page, path, body, field):
    answer = page.ask("POST", path, body)
    assert answer.status_code == 400
    fault = answer.json()["field_codes"][field]
    assert fault == {"code": "surrogate_characters_not_allowed", "params": {}}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "a", "x/json"])
def test_another_content_type_is_not_understood(page, kind):
    answer = page.generic(
        "POST",
        "/api/alarm/arm/",
        '{"mode": "home"}',
        kind,
        headers={"x-csrftoken": page.cookies[CSRF_COOKIE].value},
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("accepts", ["text/html", "text/csv", "nonsense", ""])
def test_the_accept_header_is_ignored(page, accepts):
    assert page.ask("GET", "alarm/state/", accept=accepts).status_code == 200


def test_a_method_that_an_address_does_not_know_is_named(page):
    answer = page.ask("PUT", "people/1/", {})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"
