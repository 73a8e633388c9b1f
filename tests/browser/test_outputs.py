"""What the pages say of sirens. Their reports are made where the MQTT bridge hands them over."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from stack.compose.project import Project
from stack.deploy.containers import Containers
from tests.browser.look import examine
from tests.support.panel import Panel

Visit = Callable[..., Page]

SIREN = "A siren reports that it sounds."
REPORT = "from outputs import models, reports; reports.take({}, models.Command.{})"
LOSE = "from outputs import reports; reports.take_contact({}, is_online=False)"


def test_a_tablet_tells_whether_the_siren_sounds_and_a_page_that_it_is_gone(
    disarmed: Panel, visit: Visit, tablet: dict[str, str], project: Project
) -> None:
    def run(code: str) -> None:
        assert Containers(project).in_app("python", "manage.py", "shell", "-c", code) == 0

    page, kiosk = visit("/"), visit("/", person=tablet)
    made = disarmed.post("/api/outputs/", {"name": "Attic siren", "kind": "mqtt"}).json()
    state = kiosk.get_by_role("region", name="Alarm state")
    expect(state.get_by_text(SIREN)).to_have_count(0)
    assert Containers(project).in_app("python", "manage.py", "alarm", "trigger") == 0
    expect(state).to_contain_text("No siren reports that it sounds.")
    run(REPORT.format(made["id"], "ON"))
    expect(state).to_contain_text(SIREN)
    assert examine(kiosk, "kiosk-siren", "tablet", "portrait") == []
    disarmed.disarm()
    run(f"{REPORT.format(made['id'], 'OFF')}; {LOSE.format(made['id'])}")
    expect(state.get_by_text(SIREN)).to_have_count(0)
    expect(state).not_to_contain_text("Attic siren")
    expect(page.get_by_text("Attic siren: no contact")).to_be_visible()
    page.goto("/alerts")
    row = page.get_by_role("listitem").filter(has_text="Attic siren")
    expect(row).to_contain_text("no contact")
    assert examine(page, "alerts-siren", "phone", "desktop") == []
    assert disarmed.ask("DELETE", f"/api/outputs/{made['id']}/").status_code == 204
