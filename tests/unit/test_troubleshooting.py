"""docs/troubleshooting.md holds each error that a user can cause, in its own words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.config.modes import ROOT

GUIDE = " ".join((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8").split())

RAISED = {
    "stack": {"Failure"},
    "docker": {"exit"},
    "backend": {"refuse", "CommandError", "SystemExit"},
}
"""By folder: the calls that end a script with a message."""

IN_SHELL = re.compile(r'\bfail "(?P<what>(?:\$\(.*?\)|[^"])+)"|\becho "(?P<line>[^"]+)" >&2')
"""`fail WHAT REMEDY` in ./bootstrap, and what a script says to standard error."""

VARIES = re.compile(r"\$\{.*?\}|\$\(.*?\)|\\\$\(.*?\)|'?\$\w+'?")
"""Variables and command output within a shell's message."""


def python_files() -> Iterator[tuple[Path, set[str]]]:
    for folder, names in RAISED.items():
        for path in sorted((ROOT / folder).rglob("*")):
            is_code = path.suffix == ".py" or (path.parent.name == "bin" and is_python(path))
            if path.is_file() and is_code and "tests" not in path.parts:
                yield path, names
    yield ROOT / "tasks.py", {"Exit"}


def is_python(path: Path) -> bool:
    return path.is_file() and "python" in path.read_text(encoding="utf-8").partition("\n")[0]


def messages() -> Iterator[tuple[str, str]]:
    """The place of each error, and the longest constant part of its first line."""
    for path, names in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node) in names and node.args:
                text = longest_fixed_part(node.args[0])
                if text or "Failure" in names:  # else it repeats another error
                    yield f"{path.name}:{node.lineno}", text
    for path in (ROOT / "bootstrap", *(ROOT / "docker").rglob("*.sh")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = IN_SHELL.search(line)
            if found and "…" not in line:  # progress, not an error
                text = found["what"] or found["line"]
                yield f"{path.name}:{number}", longest(VARIES.split(text))


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def longest_fixed_part(message: ast.expr) -> str:
    parts = message.values if isinstance(message, ast.JoinedStr) else list(ast.walk(message))
    texts = [p.value if isinstance(p, ast.Constant) else "\0" for p in parts]
    first_line = "".join(text for text in texts if isinstance(text, str)).partition("\n")[0]
    return longest(first_line.split("\0"))


def longest(texts: list[str]) -> str:
    """The longest part, without the sign at the start of an error."""
    return max((text.strip("✗ ") for text in texts), key=len, default="")


@pytest.mark.parametrize(
    ("where", "text"), list(messages()), ids=lambda value: Path(str(value)).name
)
def test_each_error_is_in_the_guide(where: str, text: str) -> None:
    assert len(text) > 5, f"{where}: name the message where the error is made"
    assert text in GUIDE, f"{where} says {text!r}, which docs/troubleshooting.md does not"


def test_each_kind_of_source_is_searched() -> None:
    places = {where.partition(":")[0] for where, _ in messages()}
    assert {
        "bootstrap",
        "entrypoint.sh",
        "programs",
        "env.py",
        "tasks.py",
        "docker_engine.py",
    } <= places
