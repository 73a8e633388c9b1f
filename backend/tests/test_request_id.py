"""One request ID is in the answer and in the log."""

import logging

import pytest

from core.logs import LineFormatter
from core.request_id import RequestIdFilter, current

NUMBER = "0123456789abcdef" * 2


def test_the_proxys_request_id_is_returned(client):
    answer = client.get("/api/health/live/", headers={"X-Request-ID": NUMBER})
    assert answer.headers["X-Request-ID"] == NUMBER


@pytest.mark.parametrize("given", ["", "x", NUMBER + "0", "0" * 31 + "\n", "ABCDEF" * 6])
def test_another_number_is_replaced(client, given):
    answer = client.get("/api/health/live/", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 32


def line(number: str) -> str:
    record = logging.LogRecord("alarm", logging.INFO, __file__, 1, "hello", None, None)
    token = current.set(number)
    RequestIdFilter().filter(record)
    current.reset(token)
    return LineFormatter().format(record)


def test_a_line_of_the_log_has_the_number_of_its_request():
    assert line(NUMBER).endswith(f"INFO alarm hello request={NUMBER}")
    assert line("").endswith("INFO alarm hello")
