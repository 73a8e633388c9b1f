"""Group 7: clients that misbehave, one request at a time and by the thousand; others are served."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from docker.models.containers import Container

from stack.compose.project import Project
from stack.config.modes import ROOT
from stack.core.console import table
from tests.faults import malformed, wire
from tests.faults.clients import Writer
from tests.faults.load import Fault, Load, Sensors
from tests.faults.malformed import PAGE, Case
from tests.faults.report import FILE, Report, Row
from tests.support.containers import output_of
from tests.support.panel import Panel

WITHIN = 60
CALM = 5.0  # seconds before the crowd, for comparison

MEMORY = """
import json, os, pathlib
found = {}
for process in pathlib.Path('/proc').glob('[0-9]*'):
    if process.name == str(os.getpid()): continue  # its own line has the words below
    try: line, status = (process / 'cmdline').read_bytes(), (process / 'status').read_text()
    except OSError: continue
    name = 'Nginx' if b'nginx: worker' in line else 'server' if b'\\0--fd' in line else ''
    if name: found[process.name] = (name, int(status.split('VmRSS:')[1].split()[0]))
print(json.dumps(found))
"""


# --- One at a time ------------------------------------------------------------------------------


def test_a_malformed_request_is_refused(
    load: Load, panel: Panel, sensors: Sensors, project: Project, app: Container
) -> None:
    """By an error or by closing; never with a 5xx, a hang or one of the server's files."""
    began = int(time.time())
    rows, faults = [], []
    with load.during("malformed requests, handshakes, frames", within=WITHIN) as fault:
        page = panel.get("/").content
        for case in (*malformed.HTTP, *malformed.HANDSHAKES, *malformed.FRAMES):
            got, wrong = tried(case, project.port, filled(panel, sensors), page)
            rows.append([case.group, case.name, got, wrong or "ok"])
            faults += [f"{case.group}: {case.name}: {got}: {wrong}"] if wrong else []
        fault.note(f"{len(rows)} cases: " + words(Counter(row[0] for row in rows)))
    table("What no honest client sends", ("group", "case", "answer", ""), rows)
    FILE.parent.mkdir(exist_ok=True)
    FILE.with_name("malformed.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    assert not faults, "\n".join(faults)
    assert len(rows) >= 60
    log = app.logs(since=began).decode()
    assert "Traceback" not in log, log[log.index("Traceback") - 2000 :][:6000]
    assert '"status":5' not in log


@pytest.mark.parametrize("name", malformed.OPENINGS)
def test_an_unusual_handshake_is_accepted(
    panel: Panel, sensors: Sensors, project: Project, name: str
) -> None:
    opening = substituted(malformed.OPENINGS[name], filled(panel, sensors))
    assert wire.talk(project.port, opening, malformed.said("hello")).code == 4400


Fillings = dict[bytes, bytes]


def filled(panel: Panel, sensors: Sensors) -> Fillings:
    """The values of the marks in the table's bytes."""
    cookie, token = cookie_of(panel), panel.csrf()["X-CSRFToken"]
    return {
        malformed.ME: f"{cookie}\r\nX-CSRFToken: {token}".encode(),
        malformed.COOKIE: cookie.encode(),
        b"@SESSION@": panel.session_cookie.name.encode(),
        b"@SENSOR@": str(sensors[0][0]).encode(),
        b"@TOKEN@": sensors[0][1].encode(),
    }


def cookie_of(panel: Panel) -> str:
    """The admin's cookies as a header."""
    return "Cookie: " + "; ".join(f"{one.name}={one.value}" for one in panel.http.cookies)


def substituted(sent: bytes, fillings: Fillings) -> bytes:
    for mark, value in fillings.items():
        sent = sent.replace(mark, value)
    return sent


def tried(case: Case, port: int, fillings: Fillings, page: bytes) -> tuple[str, str]:
    """The answer to a case, in a word, and what is wrong with it, if anything."""
    sent = substituted(case.sent, fillings)
    try:
        if case.group == "frames":
            opening = substituted(malformed.handshake(), fillings)
            answer = wire.talk(port, opening, sent)
        else:
            answer = wire.exchange(port, sent)
    except TimeoutError:
        return "nothing", f"no answer and no end within {wire.SECONDS:g} s"
    return str(answer.code or "closed"), wrong_with(case, answer, page)


def wrong_with(case: Case, answer: wire.Answer, page: bytes) -> str:
    if answer.code not in case.expected:
        return f"expected {' or '.join(str(code or 'closed') for code in case.expected)}"
    if answer.code == PAGE and answer.body != page and not answer.body.endswith(page):
        return f"not the page: {answer.body[:80]!r}"
    is_error = 400 <= answer.code < 600
    if is_error and b" /api/" in case.sent[:60] and not is_problem(answer.json):
        return f"no JSON with code and detail: {answer.body[:80]!r}"
    if case.group in ("frames", "handshakes") and answer.code >= 4000:
        codes = [one["code"] for one in answer.messages if one["type"] == "error"]
        return "" if codes == [answer.code] else f"sent {codes} before it closed"
    return ""


def is_problem(body: Any) -> bool:
    return isinstance(body, dict) and all(isinstance(body.get(k), str) for k in ("code", "detail"))


def words(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {group}" for group, count in counts.items())


# --- By the thousand ----------------------------------------------------------------------------


@contextmanager
def crowd(kind: str, count: int, seconds: float, app: Container, panel: Panel) -> Iterator[Any]:
    """Connections of a kind in `crowd.py`, held until the block ends; yields the results.

    `outcomes` and `still_open` are set after the block. The connections go to the container's own
    address, to which DNAT sends those of other machines. Docker's proxy, which takes this machine's
    own, uses six open files for each and stops for good when it has none left.
    """
    networks = app.attrs["NetworkSettings"]["Networks"]
    (network,) = (of for name, of in networks.items() if name.endswith("_default"))
    argv = [sys.executable, "-m", "tests.faults.crowd"]
    argv += [kind, network["IPAddress"], str(count), str(seconds)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(argv, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    assert process.stdin
    assert process.stdout
    with process:
        try:
            process.stdin.write(cookie_of(panel) + "\n")
            process.stdin.flush()
            first = process.stdout.readline()
            assert first, f"no crowd: exit status {process.wait(10)}"
            result = json.loads(first)
            yield result
            process.stdin.close()
            result |= json.loads(process.stdout.readline())
        finally:
            process.kill()


def answer_times(fault: Fault, since: float) -> str:
    """Median and 99th percentile of the other clients' API answers since a moment, in words."""
    seconds = [
        answer.seconds
        for client in fault.clients
        if client.kind == "api"
        for answer in client.observed.answers
        if answer.at >= since and answer.is_good
    ]
    if len(seconds) < 2:
        return f"{len(seconds)} answers"
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"


def memory(app: Container) -> dict[str, list[Any]]:
    """Name and resident KiB of each process of Nginx and Daphne."""
    return dict(json.loads(output_of(app, "python3", "-c", MEMORY)))


def growth(before: dict[str, list[Any]], after: dict[str, list[Any]], count: int) -> str:
    """The memory that each process took for `count` sockets; each serves a half."""
    assert before.keys() == after.keys(), "a process has died"
    grown = [
        f"{name} {size // 1024} → {after[pid][1] // 1024} MiB"
        f" ({(after[pid][1] - size) / (count / 2):.0f} KiB a socket)"
        for pid, (name, size) in sorted(before.items(), key=lambda item: item[1][0])
    ]
    return ", ".join(grown)


def test_headers_that_never_end(load: Load, panel: Panel, app: Container) -> None:
    """2,000 slow lorises: each is disconnected, and the other clients are served."""
    with load.during("2,000 requests whose headers never end", within=WITHIN) as fault:
        fault.last(CALM)
        fault.note(f"others before: {answer_times(fault, fault.began_at)}")
        began = time.monotonic()
        with crowd("SlowHeaders", 2_000, 60, app, panel) as result:
            fault.last(25)
            fault.note(f"meanwhile: {answer_times(fault, began)}")
        fault.note(f"{result['open']} held, all cut off after {result['longest']:.0f} s at most")
    assert result["open"] == 2_000
    assert not result["still_open"], result
    assert failures(load.row) == 0, load.row.answers


def test_bodies_that_never_end(load: Load, panel: Panel, app: Container) -> None:
    """As many as one address may have; other clients, here of the same address, are served."""
    with load.during("900 requests whose bodies never end", within=WITHIN) as fault:
        began = time.monotonic()
        with crowd("SlowBody", 900, 60, app, panel) as result:
            fault.last(15)
            fault.note(f"others meanwhile: {answer_times(fault, began)}")
    assert result["open"] == 900
    assert failures(load.row) == 0, load.row.answers


def test_one_address_does_not_take_all_connections(
    panel: Panel, app: Container, report: Report
) -> None:
    """Above the limit it gets 429, and other addresses are served."""
    with crowd("SlowBody", 1_500, 60, app, panel) as result:
        inside = app.exec_run(["healthcheck"])
    report.add(
        Row("1,500 of them from one address", notes=f"{result['still_open']}, {result['outcomes']}")
    )
    refused = result["still_open"].get("429", 0) + result["outcomes"].get("429", 0)
    assert refused == 500, result
    assert inside.exit_code == 0, inside.output
    panel.wait_until_ready()


def test_sockets_that_are_idle(
    load: Load, panel: Panel, app: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5,000 open pages are legitimate: all are held, and the other clients are served.

    Each change goes to all of them; many changes would test the fan-out instead.
    """
    monkeypatch.setattr(Writer, "every", 10.0)
    with load.during("5,000 idle WebSockets", within=WITHIN) as fault:
        fault.last(CALM)
        fault.note(f"others before: {answer_times(fault, fault.began_at)}")
        before, came = memory(app), time.monotonic()
        with crowd("Idle", 5_000, 240, app, panel) as result:
            fault.note(
                f"{result['open']} in {result['seconds']:.0f} s: {answer_times(fault, came)}"
            )
            there = time.monotonic()
            fault.last(30)
            fault.note(f"while they idle: {answer_times(fault, there)}")
            fault.note(growth(before, memory(app), result["open"]))
        fault.over()
    assert result["open"] == 5_000, result
    assert sum(result["still_open"].values()) == 5_000, result
    assert failures(load.row) == 0, load.row.answers


@pytest.mark.parametrize(
    ("kind", "code"), [("Mute", "4408"), ("Anonymous", "4401")], ids=["mute", "anonymous"]
)
def test_sockets_that_answer_nothing(
    load: Load, panel: Panel, app: Container, kind: str, code: str
) -> None:
    """Silent and anonymous sockets are closed and hold no memory."""
    with load.during(f"500 WebSockets: {kind}", within=WITHIN) as fault:
        with crowd(kind, 500, 120, app, panel) as result:
            fault.last(75 if kind == "Mute" else 5)
        fault.note(f"{result['outcomes']} after {result['longest']:.0f} s at most")
    assert not result["still_open"], result
    assert result["outcomes"] == {code: 500}, result
    assert failures(load.row) == 0, load.row.answers


def failures(row: Row) -> int:
    """The number of bad answers to the other clients."""
    good = {"200", "202", "live"}
    return sum(
        count
        for answers in row.answers.values()
        for what, count in answers.items()
        if what not in good
    )
