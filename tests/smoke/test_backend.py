"""Django's addresses lead to Django, through the one port."""

from __future__ import annotations

import websocket

from tests.support.site import Site, assets_of

GATEWAY_ERRORS = {502, 503, 504}
"""What a reverse proxy answers where no backend does."""


def test_an_unknown_api_path_is_the_backends(site: Site) -> None:
    answer = site.get("/api/no-such-address-0123/")
    assert answer.status_code not in GATEWAY_ERRORS
    assert assets_of(answer.text) != assets_of(site.page().text)


def test_djangos_admin_has_its_styles(site: Site) -> None:
    """An app without an admin has none of its style sheets either."""
    login = site.get("/admin/login/")
    assert login.status_code not in GATEWAY_ERRORS
    for path in assets_of(login.text) if "csrfmiddlewaretoken" in login.text else ():
        answer = site.get(path)
        assert answer.status_code == 200, path
        assert "html" not in answer.headers["Content-Type"], path


def test_a_websocket_reaches_the_backend(site: Site) -> None:
    """It refuses an address that it does not know; the reverse proxy's own answers differ."""
    answered = 101
    try:
        site.connect("/ws/no-such-socket-0123/").close()
    except websocket.WebSocketBadStatusException as refused:
        answered = refused.status_code
    assert answered not in {200, *GATEWAY_ERRORS}
