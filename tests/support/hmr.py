"""Vite's WebSocket for hot updates, opened as Vite's client does."""

from __future__ import annotations

import re

import websocket

from tests.support.site import SECONDS, Site, Socket


def hmr_socket(site: Site) -> Socket:
    """Connect with the token from Vite's client."""
    site.get("/", headers={"Accept": "text/html"})
    token = re.search(r'wsToken = "([^"]+)"', site.get("/@vite/client").text)
    assert token
    connection = websocket.create_connection(
        f"ws{site.url.removeprefix('http')}/?token={token[1]}",
        subprotocols=["vite-hmr"],
        origin=site.origin,
        timeout=SECONDS,
    )
    socket = Socket(connection)
    assert socket.next_message()["type"] == "connected"
    return socket


def load_module_graph(site: Site, path: str, seen: set[str]) -> None:
    """Fetch a module and what it imports, as a browser does: Vite updates only what was served."""
    if path in seen:
        return
    seen.add(path)
    source = site.get(path).text
    for name in re.findall(r'(?:from|import)\s+"(/src/[^"]+)"', source):
        load_module_graph(site, name, seen)
