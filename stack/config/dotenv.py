"""Reading `.env`, of which Docker Compose has two more readers: interpolation and `env_file`.

A line that all three read alike is a setting. Each other line is refused, with what to write.
Compose's rules are those of compose-go's package `dotenv`; tests/unit/test_dotenv.py compares them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

from stack.core.console import Failure

_SPACE = " \t\r"
_NOTHING = re.compile(r"[ \t\r]*(?:#[^\n]*)?(?:\n|\Z)")
"""The rest of a line that holds no more than a comment."""
_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*")
_QUOTED = {quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*+){quote}", re.S) for quote in "'\""}
_ESCAPED_QUOTE = re.compile(r"\\(?:(')|.)", re.S)
"""In single quotes, all but this is literal, ends of lines too."""
_SECRET = re.compile(r"PASS|PWD|SECRET|TOKEN|KEY|PIN$|CREDENTIAL")


def read(path: Path) -> dict[str, str]:
    """The variables of a .env file; empty when there is none.

    Raises Failure, with the line's number, for a line that is not read alike by all readers.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}
    return dict(_parsed(path, found.st_mtime_ns, found.st_size))


def setting(root: Path, name: str) -> str | None:
    """A variable of the environment, else of the checkout's `.env`; None where it is empty."""
    return os.environ.get(name) or read(root / ".env").get(name) or None


def behind_empty_variables(root: Path) -> dict[str, str]:
    """The variables of `.env` that are empty in the environment: Compose would take that value."""
    return {n: value for n, value in read(root / ".env").items() if os.environ.get(n) == ""}


def assignment(name: str, value: str) -> str:
    """The line that gives `name` this value, in single quotes where it needs them."""
    plain = re.fullmatch(r"[\w./:@%+,=\[\]*-]*", value)
    return f"{name}={value}" if plain else f"{name}='" + value.replace("'", r"\'") + "'"


@cache  # one command reads many settings; a saved file has another time or size
def _parsed(path: Path, changed_ns: int, size: int) -> dict[str, str]:
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise Failure(
            f"{path.name} cannot be read: {error.strerror}.", f"See who may: ls -l {path.name}"
        ) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Failure(
            f"{path.name}, line {line} is not UTF-8.", "Save the file with that encoding."
        ) from error
    return dict(assignments(path.name, text))


def assignments(file: str, text: str) -> Iterator[tuple[str, str]]:
    """Each name with its value, in the order of the file. Raises Failure."""
    at = 0
    while at < len(text):
        if nothing := _NOTHING.match(text, at):
            at = nothing.end() or len(text)
            continue
        where = f"{file}, line {text.count(chr(10), 0, at) + 1}"
        found = _ASSIGNMENT.match(text, at)
        if found is None:
            _refuse_line(where, text[at:].partition("\n")[0])
        name, at = found[1], found.end()
        quote = text[at : at + 1]
        value, at = (
            _quoted(where, name, text, at) if quote in _QUOTED else _bare(where, name, text, at)
        )
        if not value.replace("\n", "").isprintable():
            raise Failure(
                f"{where}: {name} has an invisible character.", f"Type the line again: {name}=…"
            )
        yield name, value


def _quoted(where: str, name: str, text: str, at: int) -> tuple[str, int]:
    quote = text[at]
    value = _QUOTED[quote].match(text, at)
    rest = value and _NOTHING.match(text, value.end())
    if value is None or rest is None:
        raise Failure(
            f"{where}: the quotation mark of {name} is not closed, or text follows it.",
            rf"Write: {name}='…'   (a ' in it as \')",
        )
    if quote == "'":
        return _ESCAPED_QUOTE.sub(lambda pair: pair[1] or pair[0], value[1]), rest.end()
    if "\\" in value[1]:
        raise Failure(
            rf"{where}: {name} has a \ in double quotes, which Docker Compose replaces.",
            f"Write: {_shown(name, value[1])}",
        )
    _require_no_dollar(where, name, value[1])
    return value[1], rest.end()


def _bare(where: str, name: str, text: str, at: int) -> tuple[str, int]:
    line = text[at:].partition("\n")[0]
    value = line.partition(" #")[0].strip(_SPACE)
    if value.startswith("#") or "\t#" in value:
        meant = value.partition("#")[0].strip(_SPACE)
        raise Failure(
            f"{where}: Docker Compose would read the comment as the value of {name}.",
            f"Write: {_shown(name, meant)}   (the comment in a line of its own)",
        )
    _require_no_dollar(where, name, value)
    return value, at + len(line) + 1


def _require_no_dollar(where: str, name: str, value: str) -> None:
    if "$" in value:
        raise Failure(
            f"{where}: Docker Compose would replace the $ in {name}.",
            f"Write: {_shown(name, value)}",
        )


def _refuse_line(where: str, line: str) -> NoReturn:
    """Raise Failure for a line that assigns nothing."""
    # Only its first word: the rest may be a secret.
    words = line.replace("=", " = ").split()
    is_yaml = re.fullmatch(r"([A-Za-z_]\w*):.*", line.strip())
    write = f"Write: {is_yaml[1]}=…" if is_yaml else "Correct that line"
    shown = is_yaml[1] if is_yaml else words[0]
    raise Failure(f"{where} is not NAME=value: {shown}…", f"{write}, or put a # in front of it.")


def _shown(name: str, value: str) -> str:
    """The line to write, without the value of a secret."""
    return f"{name}='…'" if value and _SECRET.search(name) else assignment(name, value)
