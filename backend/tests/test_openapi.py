"""The API's description: valid, complete, public, and loaded only on request."""

import json
import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator

from config import docs
from config.openapi import document

pytestmark = pytest.mark.django_db(transaction=True)
UNDESCRIBED = {"schema/", "docs/", "docs/{name}", "metrics"}


def described() -> set[str]:
    return {path.removeprefix("/api/") for path in document()["paths"]}


def addresses(patterns=None, prefix: str = "") -> set[str]:
    """Every address that the app answers to, with parameters as the description has them."""
    found = set()
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(entry.pattern))
        if isinstance(entry, URLResolver):
            found |= addresses(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            found.add(path.removeprefix("api/").replace("{pk}", "{id}"))
    return found


def test_every_address_is_described():
    assert addresses() - UNDESCRIBED == described()


def test_it_is_openapi_3_1_with_schemas_that_are_json_schema():
    assert document()["openapi"].startswith("3.1.")
    for name, schema in document()["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema), name


def test_every_operation_has_its_errors_and_its_security():
    for path, methods in document()["paths"].items():
        if path.startswith("/api/health/"):
            continue
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert {"400", "503"} <= operation["responses"].keys(), where
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    schema = response["content"]["application/json"]["schema"]
                    assert schema["required"] == ["code", "detail"], where
                    assert schema["properties"]["code"]["enum"], where
            is_open = path in ("/api/session/", "/api/setup/") and method != "delete"
            assert bool(operation.get("security")) != is_open, where


def test_anyone_may_read_it_before_the_first_run(browser):
    answer = browser.ask("GET", "schema/")
    assert answer.status_code == 200
    assert answer.json() == json.loads(json.dumps(document()))


def test_the_page_and_its_files_are_the_panels_own(browser):
    page = browser.get("/api/docs/")
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"] == docs.POLICY
    assert not re.search(r"https?:|<script>|style=", page.content.decode())
    names = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert len(names) == 3
    for name in names:
        answer = browser.get(f"/api/docs/{name}")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] in ("text/css", "text/javascript")
        assert answer.content
    for name in ["nothing.js", "..", "swagger-ui.css.map", "%2e%2e%2fsettings.py"]:
        assert browser.get(f"/api/docs/{name}").status_code == 404


async def test_the_health_checks_answer_what_is_described(async_client, settings):
    settings.ALARM_HOSTS = ("testserver",)
    for name, component in [("live", "Liveness"), ("ready", "Readiness")]:
        answer = await async_client.get(f"/api/health/{name}/")
        schema = {**document()["components"]["schemas"][component], "additionalProperties": False}
        Draft202012Validator(schema).validate(answer.json())
