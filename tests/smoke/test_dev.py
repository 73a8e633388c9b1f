"""Vite is there in development, with hot module replacement."""

from __future__ import annotations

import pytest

from tests.support.hmr import hmr_socket
from tests.support.site import Site

pytestmark = pytest.mark.mode("dev", "local")


def test_vites_client_is_served(site: Site) -> None:
    answer = site.get("/@vite/client")
    assert answer.status_code == 200
    assert "javascript" in answer.headers["Content-Type"]


def test_vites_socket_accepts_the_page(site: Site) -> None:
    hmr_socket(site).connection.close()
