"""Production: caching, compression, security headers, no development paths."""

from __future__ import annotations

import gzip
import json
import tomllib

import pytest

from stack.compose import lifecycle
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.config.modes import ROOT
from tests.support.site import Site, assets_of

pytestmark = pytest.mark.mode("prod")
SMALLEST_COMPRESSED = 512  # bytes, as in docker/prod/frontend/precompress.js


@pytest.fixture
def assets(site: Site) -> list[str]:
    """Of the page; in an app with another `build.assetsDir` none is in /assets/."""
    found = assets_of(site.get("/").text)
    assert [path for path in found if path.endswith(".js")]
    return found


def test_hashed_assets_are_immutable_with_one_cache_control_header(
    site: Site, assets: list[str]
) -> None:
    for path in assets:
        headers = site.get(path).raw.headers.getlist("Cache-Control")
        is_hashed = path.startswith("/assets/")
        expected = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
        assert headers == [expected], path


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_assets_are_compressed(site: Site, assets: list[str], encoding: str) -> None:
    texts = [path for path in assets if path.endswith((".js", ".css"))]
    sizes = {path: len(site.get(path).content) for path in texts}
    plain = {path: size for path, size in sizes.items() if size >= SMALLEST_COMPRESSED}
    assert plain
    for path in plain:
        answer = site.get(path, headers={"Accept-Encoding": encoding}, stream=True)
        sent = answer.raw.read(decode_content=False)
        assert answer.headers["Content-Encoding"] == encoding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert len(sent) < plain[path]
        if encoding == "gzip":
            assert len(gzip.decompress(sent)) == plain[path]


def test_the_page_is_revalidated(site: Site) -> None:
    page = site.get("/")
    assert page.raw.headers.getlist("Cache-Control") == ["no-cache"]
    again = site.get("/", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304


def test_a_missing_asset_is_not_cached(site: Site) -> None:
    assert "immutable" not in site.get("/assets/nothing.js").headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    "path",
    ["/@vite/client", "/src/main.tsx", "/package.json", "/.env", "/__dev/", "/__dev/api/programs"],
)
def test_no_development_path_is_served(site: Site, path: str) -> None:
    """The answer is the page, as for any path that may be one of its routes, or 404."""
    answer = site.get(path)
    assert answer.status_code == 404 or answer.text == site.get("/").text


STATED = ROOT / "backend" / "app.toml"

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    **(tomllib.loads(STATED.read_text(encoding="utf-8")) if STATED.exists() else {}).get(
        "headers", {}
    ),
}
"""Those of docs/any-app.md; an empty one is left to Django."""


def test_every_kind_of_answer_has_the_security_headers_once(site: Site, assets: list[str]) -> None:
    for path in ("/", *assets, "/assets/nothing", "/api/nothing/"):
        headers = site.get(path).raw.headers
        for name, value in SECURITY_HEADERS.items():
            assert not value or headers.getlist(name) == [value], (path, name)
        assert headers.getlist("Server") == ["nginx"], path


@pytest.mark.parametrize(
    ("request_line", "extra"),
    [
        (b"GET /api/" + b"x" * 40_000 + b" HTTP/1.1", b""),
        (b"TRACE /api/nothing/ HTTP/1.1", b""),
        pytest.param(
            *(b"POST /api/nothing/ HTTP/1.1", b"Content-Length: much\r\n"),
            marks=pytest.mark.at_nginx,
        ),
        (b"GET /api/nothing/ HTTP/1.1", b"X-Long: " + b"x" * 70_000 + b"\r\n"),
    ],
    ids=["long path", "TRACE", "wrong length", "long header"],
)
def test_nginx_refuses_in_json(site: Site, request_line: bytes, extra: bytes) -> None:
    with site.address.connect(seconds=10) as raw:
        raw.sendall(
            request_line + b"\r\nHost: localhost\r\nConnection: close\r\n" + extra + b"\r\n"
        )
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 4")
    assert json.loads(body)["code"]
    for name, value in SECURITY_HEADERS.items():
        assert not value or head.count(f"\r\n{name}: {value}".encode()) == 1, name


def test_the_file_system_is_read_only(project: Project) -> None:
    app = project.containers()["app"]
    for place in ("/app/backend", "/app/frontend", "/etc", "/venv", "/home/app", "/var/tmp"):
        assert app.exec_run(["touch", f"{place}/written"]).exit_code != 0, place
    assert app.exec_run(["touch", "/tmp/written"]).exit_code == 0


def test_compose_run_runs_one_command(project: Project) -> None:
    """`docker compose run --rm app COMMAND` runs the command alone, as the app's user."""
    prepared = lifecycle.prepare(project, tell=False)
    assert run_one_off(prepared, "id", "-u").stdout.strip() == "10001"
