"""Arguments without a flag: `inv dev.logs vite`, `inv dev.manage check --deploy`.

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

NAMES_ITS_ARGUMENT = {"drain": "--node", "scale": "--service"}
"""Verbs of the cluster whose next word is this flag's."""

TAKES_THE_REST = {"manage": "--command", "test": "--arguments"}
"""Verbs that pass the rest of the line on, and the flag that takes it."""


def add_flags(words: list[str]) -> list[str]:
    """The command line with the flags of such words added."""
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
        flag = NAMES_ITS_ARGUMENT.get(verb)
        if flag and not rest[0].startswith("-"):
            result.append(f"{flag}={rest.pop(0)}")
        if rest and verb in NAMES_A_PROGRAM and not rest[0].startswith("-") and "." not in rest[0]:
            result.append(f"--program={rest.pop(0)}")
    return result


def words(line: str) -> list[str]:
    """A command line's words, as a shell would split it. Raises Failure."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise Failure(
            f"{line!r} is not a command line: {error}.", "Close the quotation mark."
        ) from None


def require_known(namespace: Collection, words: list[str]) -> None:
    """Raise Failure if there is no such task or flag."""
    try:
        Parser(contexts=namespace.to_contexts()).parse_argv(words)
    except ParseError as error:
        task = error.context.name if error.context else None
        raise Failure(
            f"inv does not understand this: {error.args[0]}",
            f"Type: inv --help {task}" if task else "Type: inv --list",
        ) from error
