"""Positional words become flags."""

from __future__ import annotations

import shlex

import pytest

from stack.cli.arguments import add_flags


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dev.logs vite", ["dev.logs", "--program=vite"]),
        ("dev.logs vite --tail 5", ["dev.logs", "--program=vite", "--tail", "5"]),
        ("dev.logs", ["dev.logs"]),
        ("dev.logs --tail 5", ["dev.logs", "--tail", "5"]),
        ("dev.restart daphne dev.status", ["dev.restart", "--program=daphne", "dev.status"]),
        ("dev.restart dev.status", ["dev.restart", "dev.status"]),
        ("dev.logs --program vite", ["dev.logs", "--program", "vite"]),
        ("dev.manage check --deploy", ["dev.manage", "--command=check --deploy"]),
        ("dev.manage 'check --deploy'", ["dev.manage", "--command=check --deploy"]),
        ("dev.manage shell -c 'print(1, 2)'", ["dev.manage", "--command=shell -c 'print(1, 2)'"]),
        ("dev.shell vite", ["dev.shell", "--program=vite"]),
        ("dev.test -k 'a or b' -x", ["dev.test", "--arguments=-k 'a or b' -x"]),
        ("dev.test", ["dev.test"]),
        ("doctor --json", ["doctor", "--json"]),
    ],
)
def test_positional_words_get_flags(typed: str, meant: list[str]) -> None:
    assert add_flags(shlex.split(typed)) == meant
