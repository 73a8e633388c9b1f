"""A client that knows the addresses of all nodes, as by a name that has each of them in the DNS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import requests

from tests.faults.clients import Reader
from tests.support.panel import Panel

CONNECTS_WITHIN = 2.0
"""Seconds after which it tries the next address."""

ANSWERED_WITHIN = 4.0
"""Seconds for an answer; then it asks again, at the next address."""


class Roaming(Reader):
    """Asks at one node, and goes to the next one when that does not answer."""

    patience = (CONNECTS_WITHIN, ANSWERED_WITHIN)

    def __init__(self, panels: Sequence[Panel]) -> None:
        super().__init__(panels[0], "/api/alarm/state/", "roaming")
        self.panels = list(panels)

    def request(
        self, method: str, path: str, good: int, **options: Any
    ) -> requests.Response | None:
        answer = super().request(method, path, good, **options)
        if answer is None:
            self.panels.append(self.panels.pop(0))
            self.panel = self.panels[0]
        return answer
