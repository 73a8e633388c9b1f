"""Vite's own WebSocket, as its client in a browser opens it."""

from __future__ import annotations

import re

import websocket

from tests.smoke.panel import SECONDS, Panel, Socket


def hmr_socket(panel: Panel) -> Socket:
    """Connect with the token that stands in Vite's client."""
    panel.get("/", headers={"Accept": "text/html"})
    token = re.search(r'wsToken = "([^"]+)"', panel.get("/@vite/client").text)
    assert token
    connection = websocket.create_connection(
        f"ws{panel.url.removeprefix('http')}/?token={token[1]}",
        subprotocols=["vite-hmr"],
        origin=panel.url,
        timeout=SECONDS,
    )
    socket = Socket(connection)
    assert socket.next_message()["type"] == "connected"
    return socket


def load_module_graph(panel: Panel, path: str, seen: set[str]) -> None:
    """Fetch a module and what it imports, as a browser does: Vite updates only what was served."""
    if path in seen:
        return
    seen.add(path)
    source = panel.get(path).text
    for name in re.findall(r'(?:from|import)\s+"(/src/[^"]+)"', source):
        load_module_graph(panel, name, seen)
