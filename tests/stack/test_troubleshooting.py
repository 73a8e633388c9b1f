"""Every error that a person can cause is in docs/troubleshooting.md, under the words it prints."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.modes import ROOT

GUIDE = " ".join((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").split())


def messages() -> Iterator[tuple[str, str]]:
    """Where each Failure is made, and the longest part of its first line that never varies."""
    for path in sorted((ROOT / "stack").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Failure":
                yield f"{path.name}:{node.lineno}", longest_fixed_part(node.args[0])


def longest_fixed_part(message: ast.expr) -> str:
    texts = [
        part.value
        for part in ast.walk(message)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return max((text.strip() for text in texts), key=len, default="")


@pytest.mark.parametrize(
    ("where", "text"), list(messages()), ids=lambda value: Path(str(value)).name
)
def test_an_error_is_in_the_guide_with_its_words(where: str, text: str) -> None:
    assert len(text) > 5, f"{where}: name the message where the Failure is made"
    assert text in GUIDE, f"{where} says {text!r}, which docs/troubleshooting.md does not"
