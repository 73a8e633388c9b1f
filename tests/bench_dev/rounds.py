"""Measurements of a start, a save of a view and a save of a component, in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

from stack.compose.address import Address
from stack.core.polling import wait_until
from tests.support.hmr import hmr_socket, load_module_graph
from tests.support.panel import Panel

LIMIT = 60.0
"""A round that takes longer than this is a failure."""

PAUSE = 2.5
"""The pause between two saves of a view, after which the next process is in reserve."""

UPDATE_PAUSE = 0.5
"""The pause between two saves of a component, after which the earlier one has no effect."""

VIEW = Path("backend/config/health.py")
VIEW_TEXT = '{"status": "ok"'
COMPONENT = Path("frontend/src/shell/Header.tsx")
COMPONENT_TEXT = "export function"


def answers(url: str, expected: str = "") -> bool:
    """Whether a GET answers 200 with a text in it."""
    try:
        answer = requests.get(url, timeout=5, headers={"Accept": "text/html,*/*"})
    except requests.RequestException:
        return False
    return answer.status_code == 200 and expected in answer.text


def start(begin: Callable[[], object], page: str, api: str) -> float:
    """From the command until the page and the API answer."""
    started = time.monotonic()
    begin()
    for url in (api, page):
        wait_until(url, partial(answers, url), seconds=LIMIT, every=0.01)
    return time.monotonic() - started


def reloads(root: Path, api: str, rounds: int) -> list[float]:
    """From the save of a view until its new answer comes, `rounds` times."""
    file = root / VIEW
    original = file.read_text(encoding="utf-8")
    assert VIEW_TEXT in original, f"{VIEW} no longer holds {VIEW_TEXT!r}"
    taken = []
    for number in range(rounds):
        time.sleep(PAUSE)
        wanted = f'"round {number}"'
        saved = time.monotonic()
        file.write_text(original.replace('"ok"', wanted), encoding="utf-8")
        wait_until(wanted, partial(answers, api, wanted), seconds=LIMIT, every=0.005)
        taken.append(time.monotonic() - saved)
    file.write_text(original, encoding="utf-8")
    return taken


def updates(root: Path, page: str, rounds: int) -> list[float]:
    """From the save of a component until Vite tells the browser, `rounds` times."""
    file = root / COMPONENT
    original = file.read_text(encoding="utf-8")
    assert COMPONENT_TEXT in original, f"{COMPONENT} no longer holds {COMPONENT_TEXT!r}"
    panel = Panel(Address.from_url(page))
    load_module_graph(panel, "/src/main.tsx", set())
    socket = hmr_socket(panel)
    taken = []
    for number in range(rounds):
        time.sleep(UPDATE_PAUSE)
        saved = time.monotonic()
        file.write_text(f"{original}\nexport const round = {number};\n", encoding="utf-8")
        while socket.next_message(LIMIT)["type"] != "update":
            pass
        taken.append(time.monotonic() - saved)
        # As a browser does: Vite sends no update of a module that was not fetched again.
        load_module_graph(panel, f"/{COMPONENT.relative_to('frontend')}", set())
    file.write_text(original, encoding="utf-8")
    return taken
