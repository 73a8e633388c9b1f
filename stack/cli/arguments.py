"""Arguments that a person may leave unnamed: `inv dev.logs vite`, `inv dev.manage check --deploy`.

Invoke knows no positional argument that may be left out, and none that takes the rest of the line
(its `Context.remainder` loses quoting), so these words get their flags before it reads them.
"""

from __future__ import annotations

import shlex

from invoke.collection import Collection
from invoke.exceptions import ParseError
from invoke.parser import Parser

from stack.core.console import Failure

NAMES_A_PROGRAM = {"logs", "restart", "shell"}
"""Verbs whose next word, if it is neither a flag nor a task of a mode, is a program."""

TAKES_THE_REST = {"manage": "--command", "test": "--arguments"}
"""Verbs that pass on what follows them, and the flag that it is passed in."""


def spelled_out(words: list[str]) -> list[str]:
    """The command line with the flags of such words written out."""
    result: list[str] = []
    rest = list(words)
    while rest:
        result.append(rest.pop(0))
        verb = result[-1].partition(".")[2]
        if not rest or rest[0].startswith(("--program", *TAKES_THE_REST.values())):
            continue
        if verb in TAKES_THE_REST:
            command = rest[0] if len(rest) == 1 else shlex.join(rest)
            return [*result, f"{TAKES_THE_REST[verb]}={command}"]
        if verb in NAMES_A_PROGRAM and not rest[0].startswith("-") and "." not in rest[0]:
            result.append(f"--program={rest.pop(0)}")
    return result


def require_known(namespace: Collection, words: list[str]) -> None:
    """Raise Failure, with a remedy, where Invoke's own parser would refuse a task or a flag."""
    try:
        Parser(contexts=namespace.to_contexts()).parse_argv(words)
    except ParseError as error:
        raise Failure(
            f"inv does not understand this: {error.args[0]}", "Type: inv --list"
        ) from error
