"""Errors of the API reveal nothing of what is behind it."""

from __future__ import annotations

from typing import Any

import pytest

from stack.compose.project import Project
from tests.support.panel import Panel
from tests.support.secret_files import secrets_of

pytestmark = pytest.mark.mode("prod")

REFUSED: dict[int, dict[str, Any]] = {
    400: {"headers": {"Host": "elsewhere.example"}},
    403: {"method": "POST"},
    404: {"path": "/api/nothing/"},
    405: {"method": "TRACE"},
    413: {"method": "POST", "data": b"x" * 2**21},
}


@pytest.mark.parametrize("status", REFUSED)
def test_an_error_reveals_no_internals(panel: Panel, project: Project, status: int) -> None:
    request: dict[str, Any] = {"method": "GET", "path": "/api/alarm/arm/", **REFUSED[status]}
    method, url = request.pop("method"), panel.url + request.pop("path")
    answer = panel.anonymous().http.request(method, url, timeout=10, **request)
    assert answer.status_code == status
    everything = answer.content + str(answer.headers).encode()
    assert not [name for name, value in secrets_of(project).items() if value in everything]
    servers = (b"Daphne", b"daphne", b"uvicorn", b"nginx/")
    for word in (b"Traceback", b"Django", b"django", *servers, b"/app/", b"/venv"):
        assert word not in everything
    assert answer.json()["code"]
