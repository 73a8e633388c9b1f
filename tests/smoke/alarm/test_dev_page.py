"""The page at /__dev/ knows the alarm's addresses."""

from __future__ import annotations

import pytest

from tests.support.dev_page import programs
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("dev", "local")


def test_links_and_probes_lead_to_the_app(panel: Panel) -> None:
    app = panel.get("/__dev/app.json").json()
    assert panel.get(app["http"]).status_code == 200
    assert app["proxy"] in programs(panel)
    panel.socket(path=app["websocket"]).connection.close()
