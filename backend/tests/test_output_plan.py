"""What an output has to do: its tone, its next command, and the end of its time. No database."""

import datetime as dt

import pytest
from django.utils import timezone

from outputs import countdowns, plan, secret_urls, tones
from outputs.models import Command, Output

ALL = ["burglary", "fire", "panic", "chime"]
NOW = timezone.now()


def make(**fields) -> Output:
    """An output that sounds, for which nothing was sent."""
    return Output(**{"tone": "burglary", "started_at": NOW, "seconds": 180, **fields})


def sent(command: str = "on", **fields) -> Output:
    """An output that sounds, for which this was sent once."""
    last = {"sent": command, "sent_at": NOW, "sent_for": NOW, "sent_tone": "burglary"}
    return make(**{**last, "attempts": 1, **fields})


@pytest.mark.parametrize(
    ("has", "kinds", "tone"),
    [
        (ALL, ["door"], "burglary"),
        (ALL, ["water"], "burglary"),
        (ALL, ["door", "smoke"], "fire"),
        (ALL, ["carbon_monoxide"], "fire"),
        (ALL, ["panic", "door"], "panic"),
        (ALL, [], "panic"),  # a person
        (["burglary"], ["door", "smoke"], "burglary"),
        (["fire"], ["door"], None),
        (["chime"], ["door", "smoke", "panic"], None),
    ],
)
def test_the_tone_is_the_most_urgent_that_the_output_has(has, kinds, tone):
    assert tones.choose(has, kinds) == tone


@pytest.mark.parametrize(
    ("output", "command"),
    [
        (make(), Command.ON),
        (sent(), Command.ON),
        (sent(is_confirmed=True), None),
        (sent(is_confirmed=True, sent_tone="fire"), Command.ON),
        (sent(is_confirmed=True, sent_for=NOW - dt.timedelta(hours=1)), Command.ON),
        (make(enabled=False), None),
        (sent(enabled=False), Command.OFF),
        (sent(tone="", is_confirmed=True), Command.OFF),
        (sent("off", tone=""), Command.OFF),
        (sent("off", tone="", is_confirmed=True), None),
        (make(tone=""), None),
    ],
)
def test_a_command_is_due_until_it_is_confirmed(output, command):
    assert plan.command(output, 100.0, None) is command


def test_nothing_is_on_after_its_time():
    assert plan.command(sent(is_confirmed=True), 0.0, None) is Command.OFF
    assert plan.command(make(), 0.0, None) is None  # it was never switched on


def test_what_others_have_switched_on_is_switched_off_after_the_cut_off():
    on = make(tone="", reported="on", reported_at=NOW)
    assert plan.is_switched_on_by_others(on)
    assert plan.command(on, 0.0, 1.0) is None
    assert plan.command(on, 0.0, 0.0) is Command.OFF
    assert not plan.is_switched_on_by_others(sent(reported="on"))


def test_a_command_is_repeated_after_growing_pauses():
    assert plan.pause(make(), Command.ON) == 0.0
    pauses = [plan.pause(sent(attempts=number), Command.ON) for number in range(1, 9)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert plan.pause(sent(attempts=5), Command.OFF) == 0.0  # another command
    assert plan.pause(sent(attempts=5, sent_tone="fire"), Command.ON) == 0.0


def test_a_clock_that_is_set_neither_prolongs_nor_ends_a_sounding(monkeypatch):
    times = countdowns.Countdowns()
    moment, steady = NOW, 1000.0
    monkeypatch.setattr(countdowns.timezone, "now", lambda: moment)
    monkeypatch.setattr(countdowns, "steady_time", lambda: steady)
    assert times.remaining("siren", NOW, 180) == 180
    for jump in (-3600, 3600):
        times.begin_look()
        moment, steady = NOW + dt.timedelta(seconds=jump), steady + 10
        left = times.remaining("siren", NOW, 180)
    assert left == 160
    for jump, remaining in ((-3600, 180), (3600, 0)):  # of a worker that starts then
        moment = NOW + dt.timedelta(seconds=jump)
        assert countdowns.Countdowns().remaining("siren", NOW, 180) == remaining


@pytest.mark.parametrize(
    "url",
    [
        "http://shelly/relay/0?turn=on&timer={duration}",
        "https://user:secret@192.168.1.7:8443/on/{tone}",
        "http://[fd00::1]/on",
    ],
)
def test_an_address_of_a_relay_is_accepted(url):
    assert secret_urls.fault(url) is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "shelly/on", "ftp://shelly/on", "file:///etc/passwd", "http://", "http:///on"),
        *("http://shelly/{seconds}", "http://{tone}/on", "http://shelly:0/on", "http://shelly/#on"),
        *("http://shelly/a b", "http://shelly/\r\nX: y", "http://shelly/ü", "http://shelly:99999/"),
        *("javascript:alert(1)", "http://[fd00::1/on"),
    ],
)
def test_another_address_is_refused(url):
    assert secret_urls.fault(url).endswith((".", "#."))


def test_only_the_host_of_an_address_is_shown():
    place = secret_urls.place("https://user:secret@shelly:8443/on?key=secret")
    assert place == "https://shelly:8443"
