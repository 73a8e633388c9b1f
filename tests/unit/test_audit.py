"""How `nox -s audit` reads the output of its tools."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.audit import advisories, exceptions
from tests.audit.exceptions import Exemption
from tests.audit.scan import Finding, NotRun, Scan, Verdict, run, verdict_of

FOUND = Finding("B101", "stack/compose/ports.py", "an assert", 7)
MEANT = Exemption("bandit", "B101", "stack/*", "It is meant.")


def scan(*findings: Finding, tool: str = "bandit") -> Scan:
    return Scan(tool, "1", lambda: findings)


def answer(monkeypatch: pytest.MonkeyPatch, report: object, status: int = 0) -> None:
    done = CompletedProcess([], status, json.dumps(report), "")
    monkeypatch.setattr(advisories, "run", lambda *_command, **_options: done)


def test_pip_audit_without_data_is_not_clean_despite_status_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer(monkeypatch, {"dependencies": [{"name": "django", "skip_reason": "not found"}]})
    said = verdict_of(Scan("pip-audit", "1", advisories.pip_audit))
    assert said.not_run == "it had no data on 1 of 1 packages"


def test_pip_audit_keeps_findings_when_some_packages_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faulty = {"name": "django", "vulns": [{"id": "PYSEC-1", "fix_versions": ["6.0"]}]}
    answer(monkeypatch, {"dependencies": [{"name": "ours", "skip_reason": "?"}, faulty]}, 1)
    said = verdict_of(Scan("pip-audit", "1", advisories.pip_audit))
    assert [finding.rule for finding in said.findings] == ["PYSEC-1"]
    assert said.not_run


def test_npm_audit_without_a_report_is_not_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, {"message": "405 Method Not Allowed - POST https://registry.example/"}, 1)
    with pytest.raises(NotRun, match=r"no data: 405 Method Not Allowed$"):
        list(advisories.npm_audit())


def test_a_tool_that_is_missing_or_fails_is_not_clean() -> None:
    with pytest.raises(NotRun, match="no-such-scan cannot be run"):
        run("no-such-scan")
    with pytest.raises(NotRun, match="sh ended with status 3: broken"):
        run("sh", "-c", "echo broken; exit 3")


def test_an_exception_covers_one_tool_rule_and_place() -> None:
    others = [Finding("B102", "stack/compose/ports.py", ""), Finding("B101", "backend/x.py", "")]
    left, covering = exceptions.split(verdict_of(scan(FOUND, *others)), [MEANT])
    assert (left, covering) == (others, [MEANT])
    left, covering = exceptions.split(verdict_of(scan(FOUND, tool="ruff")), [MEANT])
    assert (left, covering) == ([FOUND], [])


def test_an_exception_that_covers_nothing_is_stale_once_its_tool_was_run() -> None:
    clean = verdict_of(scan())
    assert exceptions.stale([MEANT], [], [clean]) == [MEANT]
    assert exceptions.stale([MEANT], [MEANT], [clean]) == []
    assert exceptions.stale([MEANT], [], [clean, Verdict(scan(), (), "no data")]) == []
    assert exceptions.stale([MEANT], [], []) == []


def test_an_exception_needs_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "exceptions.toml"
    row = '[[exception]]\ntool = "bandit"\nrule = "B101"\nplace = "*"\n'
    file.write_text(row + 'reason = " "\n')
    with pytest.raises(ValueError, match="bandit B101 has no reason"):
        exceptions.read(file)
    file.write_text(row)
    with pytest.raises(TypeError, match="reason"):
        exceptions.read(file)
    assert exceptions.read()
