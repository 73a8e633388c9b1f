"""docker/prod/collect-static: where Nginx finds the files of Django's settings."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from stack.config.modes import ROOT


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, which writes into a folder of the test's."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = str(ROOT / "docker" / "prod" / "collect-static")
    loader = importlib.machinery.SourceFileLoader("collect_static", path)
    spec = importlib.util.spec_from_loader("collect_static", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "NGINX", tmp_path)
    return module


def test_each_address_leads_to_its_folder_behind_the_pages_own_files(
    script: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "collected").mkdir()
    for url, lines in (
        ("/static/", "location ^~ /static/ {\n    try_files $uri @static_files;\n}\n"),
        ("/api/v1/files/", "location ^~ /api/v1/files/ {\n    try_files $uri @static_files;\n}\n"),
        ("/assets/", ""),  # nginx.conf has that location, and a second one would stop the start
        ("https://cdn.example/static/", ""),
    ):
        assert script.location("STATIC_URL", url, tmp_path / "collected", script.TAKEN) == lines
        place = tmp_path / "static_files" / url.strip("/")
        assert "//" in url or place.resolve() == tmp_path / "collected"


@pytest.mark.parametrize(
    ("setting", "url", "remedy"),
    [
        ("STATIC_URL", "/", 'STATIC_URL = "/static/"'),
        ("STATIC_URL", "/api/", 'STATIC_URL = "/static/"'),
        ("STATIC_URL", "/a b/", 'STATIC_URL = "/static/"'),
        ("STATIC_URL", "/a{2}/", 'STATIC_URL = "/static/"'),
        ("MEDIA_URL", "/files/", 'MEDIA_URL = "/media/"'),
    ],
)
def test_an_address_that_nginx_cannot_use_is_two_lines(
    script: ModuleType, tmp_path: Path, setting: str, url: str, remedy: str
) -> None:
    with pytest.raises(SystemExit) as refused:
        script.location(setting, url, tmp_path, {*script.TAKEN, "/files/"})
    what, line = str(refused.value).splitlines()
    assert what == f"{setting} is {url}: Nginx cannot serve files there."
    assert remedy in line
