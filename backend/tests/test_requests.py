"""What every request is held to, whoever sends it."""

import asyncio
import datetime as dt
import gc

import pytest
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIRequest
from rest_framework.request import Request

from config.asgi import application
from config.threads import in_thread
from people.sessions import open_for

pytestmark = pytest.mark.django_db(transaction=True)
LIMIT = 64 * 1024


@pytest.fixture
def page(login, admin):
    return login(admin)


def code_of(page, body, **headers) -> tuple[int, str]:
    answer = page.ask("POST", "alarm/arm/", body, **headers)
    return answer.status_code, answer.json()["code"]


def test_a_body_is_bounded(page):
    padding = LIMIT - len('{"mode": ""}')
    assert code_of(page, '{"mode": "' + "x" * padding + '"}') == (400, "invalid")
    assert code_of(page, '{"mode": "' + "x" * (padding + 1) + '"}') == (413, "too_large")


@pytest.mark.parametrize("size", ["-1", "many", "1" * 5000, "65537"])
def test_a_length_that_is_none_is_refused(page, size):
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


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "a", "x/json"])
def test_another_content_type_is_not_understood(page, kind):
    answer = page.generic(
        "POST",
        "/api/alarm/arm/",
        '{"mode": "home"}',
        kind,
        headers={"x-csrftoken": page.cookies["csrftoken"].value},
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("accepts", ["text/html", "text/csv", "nonsense", ""])
def test_what_a_client_would_rather_have_is_no_reason_to_refuse_it(page, accepts):
    assert page.ask("GET", "alarm/state/", accept=accepts).status_code == 200


def test_a_method_that_an_address_does_not_know_is_named(page):
    answer = page.ask("PUT", "people/1/", {})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"


async def answer(path: str, sessionid: str = "") -> int:
    """Return the status with which the application answers, told of a disconnect afterwards."""
    came, statuses = asyncio.Queue(), []
    came.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    async def send(message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif not message.get("more_body"):
            came.put_nowait({"type": "http.disconnect"})

    cookie = f"sessionid={sessionid}".encode()
    await application(
        {
            **{"type": "http", "http_version": "1.1", "method": "GET", "query_string": b""},
            **{"path": path, "headers": [(b"host", b"localhost"), (b"cookie", cookie)]},
        },
        came.get,
        send,
    )
    await asyncio.sleep(0)
    return statuses[0]


@pytest.fixture
def no_garbage_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def kept(*kinds: type) -> list:
    return [left for left in gc.get_objects() if type(left) in kinds]


async def test_a_disconnect_after_the_answer_is_no_error_to_django(no_garbage_collection):
    """Every server tells of one; as an error it would hold the request's tasks in a circle."""
    assert await answer("/api/health/live/") == 200
    assert kept(RequestAborted) == []


async def test_a_request_is_forgotten_without_a_search_for_garbage(admin, no_garbage_collection):
    key = await in_thread(open_for, admin, dt.timedelta(days=1))
    before = len(kept(ASGIRequest, Request))
    for path, sessionid, status in [
        ("/api/health/live/", "", 200),
        ("/api/alarm/state/", "", 403),
        ("/api/alarm/state/", key, 200),
    ]:
        assert await answer(path, sessionid) == status
        assert len(kept(ASGIRequest, Request)) == before, path
