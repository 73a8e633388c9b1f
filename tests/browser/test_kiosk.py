"""A tablet on the wall: installed, awake, heard, and up to date; and its pictures in each state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.browser.conftest import set_delays
from tests.browser.look import examine
from tests.browser.sensors import Sensor, added_door
from tests.support.panel import Panel

Visit = Callable[..., Page]

VIEWS = ("tablet", "portrait")

# Records what the page asks the browser for; the browser's own objects do the work.
OBSERVER = """
window.observed = { locks: [], gains: [], intervals: new Set() };
if (navigator.wakeLock) {
  const request = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = async (type) => {
    const lock = await request(type);
    observed.locks.push(lock);
    return lock;
  };
}
const connect = GainNode.prototype.connect;
GainNode.prototype.connect = function (to, ...others) {
  if (to instanceof AudioDestinationNode) {
    const analyser = new AnalyserNode(this.context);
    connect.call(this, analyser);
    observed.gains.push(analyser);
  }
  return connect.call(this, to, ...others);
};
const [set, clear] = [window.setInterval, window.clearInterval];
window.setInterval = (...words) => {
  const timer = set(...words);
  observed.intervals.add(timer);
  return timer;
};
window.clearInterval = (timer) => {
  observed.intervals.delete(timer);
  clear(timer);
};
"""

IS_HEARD = """() => observed.gains.some((analyser) => {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return samples.some((sample) => Math.abs(sample) > 0.001);
})"""
# A beep has a pause before the next one: two seconds without any.
IS_QUIET = f"""async () => {{
  const isHeard = {IS_HEARD};
  for (const end = performance.now() + 2000; performance.now() < end; ) {{
    if (isHeard()) return false;
    await new Promise(requestAnimationFrame);
  }}
  return true;
}}"""


def wait_for(page: Page, expression: str) -> None:
    """Wait until this is true in the page, whose policy forbids `Page.wait_for_function`."""
    wait_until(expression, lambda: page.evaluate(expression), seconds=15)


@pytest.fixture
def kiosk(disarmed: Panel, visit: Visit, tablet: dict[str, str]) -> Page:
    """The panel on a tablet that is logged in as one, before it was touched."""
    page = visit("/login", person=tablet)
    page.add_init_script(OBSERVER)
    page.goto("/")
    expect(page.get_by_role("region", name="Alarm state")).to_contain_text("Disarmed")
    return page


def test_the_page_can_be_installed(kiosk: Page) -> None:
    devtools = kiosk.context.new_cdp_session(kiosk)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    reasons = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # The tests' browsers keep nothing, as a private window.
    assert {reason["errorId"] for reason in reasons} <= {"in-incognito"}


def test_the_service_worker_is_there_and_keeps_no_page(kiosk: Page) -> None:
    registered = kiosk.evaluate(
        "navigator.serviceWorker.ready.then(({ scope, active }) => [scope, active.scriptURL])"
    )
    origin = kiosk.evaluate("location.origin")
    assert registered == [f"{origin}/", f"{origin}/service-worker.js"]
    kiosk.reload()
    expect(kiosk.get_by_role("region", name="Alarm state")).to_contain_text("Disarmed")
    assert kiosk.evaluate("caches.keys()") == []


def test_a_push_message_is_shown(kiosk: Page) -> None:
    kiosk.context.grant_permissions(["notifications"])
    kiosk.evaluate("navigator.serviceWorker.ready.then(() => null)")
    devtools = kiosk.context.new_cdp_session(kiosk)
    registrations: list[dict[str, Any]] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    # Events of the browser arrive while the page is asked.
    wait_until("the worker", lambda: kiosk.evaluate("1") and registrations, seconds=15)
    message = {
        "origin": kiosk.evaluate("location.origin"),
        "registrationId": registrations[0]["registrationId"],
        "data": '{"kind": "alarm", "title": "Alarm!", "body": "Garage door", "silent": false}',
    }
    devtools.send("ServiceWorker.deliverPushMessage", message)
    shown = """async () => {
      const registration = await navigator.serviceWorker.ready;
      const all = await registration.getNotifications();
      return all.some(({ title, body }) => title === 'Alarm!' && body === 'Garage door');
    }"""
    wait_for(kiosk, shown)


def test_the_screen_stays_on(kiosk: Page) -> None:
    wait_for(kiosk, "observed.locks.some((lock) => !lock.released)")
    kiosk.get_by_role("button", name=re.compile("This device|Settings of this device")).click()
    kiosk.get_by_text("Keep the screen on").click()
    wait_for(kiosk, "observed.locks.every((lock) => lock.released)")


def test_the_exit_delay_is_heard_after_a_tap(
    kiosk: Page, disarmed: Panel, long_delays: None
) -> None:
    kiosk.get_by_role("region", name="Alarm state").click()
    disarmed.arm("away")
    expect(kiosk.get_by_role("button", name="Cancel arming")).to_be_visible()
    wait_for(kiosk, IS_HEARD)
    expect(kiosk.get_by_text("Tap for sound")).to_have_count(0)
    disarmed.disarm()
    expect(kiosk.get_by_role("region", name="Alarm state")).to_contain_text("Disarmed")
    wait_for(kiosk, IS_QUIET)


def test_a_door_with_a_chime_is_heard(kiosk: Page, disarmed: Panel) -> None:
    kiosk.get_by_role("region", name="Alarm state").click()
    with added_door(disarmed, "Pantry", chime=True) as pantry:
        kiosk.evaluate(f"void setInterval(() => (observed.heard ||= ({IS_HEARD})()), 20)")
        pantry.report(True)
        expect(kiosk.get_by_text("Pantry was opened")).to_be_visible()
        wait_for(kiosk, "observed.heard")
        pantry.report(False)


def test_a_new_version_is_loaded_while_the_panel_is_left_alone(
    kiosk: Page, disarmed: Panel, long_delays: None
) -> None:
    loads: list[str] = []

    def answer(route: Route) -> None:
        """Name another main script, as a new version does, except to a page that loads."""
        if route.request.is_navigation_request():
            route.continue_()
            return
        new = re.sub(r"/assets/index-[\w-]+\.js", "/assets/index-NewBuild.js", route.fetch().text())
        route.fulfill(body=new, content_type="text/html")

    def count(request: Request) -> None:
        if request.is_navigation_request():
            loads.append(request.url)

    kiosk.clock.install()
    kiosk.route(re.compile(r"/$"), answer)
    kiosk.goto("/")
    kiosk.on("request", count)
    state = kiosk.get_by_role("region", name="Alarm state")
    disarmed.arm("away")
    expect(state).to_contain_text("Arming away")
    kiosk.clock.fast_forward(90_000)
    expect(state).to_contain_text("Arming away")
    assert loads == []
    with kiosk.expect_request(lambda request: request.is_navigation_request()):
        disarmed.disarm()
    expect(state).to_contain_text("Disarmed")


def test_no_page_leaves_a_timer_behind(disarmed: Panel, visit: Visit) -> None:
    page = visit("/login", person=None)
    page = visit("/")
    page.add_init_script(OBSERVER)
    page.reload()
    navigation = page.get_by_role("navigation", name="Pages")

    def timers_after_a_round() -> int:
        for name in ("Sensors", "Events", "Alerts", "Settings", "Panel"):
            navigation.get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", level=1, name=name)).to_be_attached()
            expect(page.get_by_text("Loading…")).to_have_count(0)
        return int(page.evaluate("observed.intervals.size"))

    first = timers_after_a_round()
    assert timers_after_a_round() == first


@pytest.fixture
def terrace_door(disarmed: Panel) -> Iterator[Sensor]:
    with added_door(disarmed, "Terrace door") as sensor:
        yield sensor


def test_the_states_of_the_tablet(
    kiosk: Page, disarmed: Panel, terrace_door: Sensor, project: Project
) -> None:
    """Their pictures are .browser/kiosk-STATE-VIEW-THEME.png."""
    state = kiosk.get_by_role("region", name="Alarm state")
    kiosk.get_by_role("heading", level=1).click(force=True)

    def look(name: str, shown: str) -> None:
        expect(state).to_contain_text(shown)
        assert examine(kiosk, f"kiosk-{name}", *VIEWS) == []

    def arm(exit_delay: int, entry_delay: int) -> None:
        disarmed.disarm()
        terrace_door.report(False)
        set_delays(disarmed, exit_delay, entry_delay)
        disarmed.arm("away")

    look("disarmed", "Disarmed")
    arm(exit_delay=120, entry_delay=1)
    look("arming", "Arming away")
    arm(exit_delay=1, entry_delay=120)
    look("armed", "Armed away")
    terrace_door.report(True)
    look("entry", "Terrace door")
    arm(exit_delay=1, entry_delay=1)
    expect(state).to_contain_text("Armed away")
    terrace_door.report(True)
    look("triggered", "Alarm!")
    terrace_door.report(False)
    disarmed.disarm()
    look("memory", "Disarmed")
    app = project.containers()["app"]
    assert app.exec_run(["supervisorctl", "stop", "daphne:*"]).exit_code == 0
    try:
        expect(kiosk.get_by_text("Offline – reconnecting")).to_be_visible()
        look("offline", "Last known state")
    finally:
        app.exec_run(["supervisorctl", "start", "daphne:*"])
