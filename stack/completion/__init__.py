"""`inv completion SHELL`: a script that completes modes, verbs, flags and program names.

The words are written into the script, so that a completion takes milliseconds and starts no Python;
a shell that loads it when it starts has what the checkout had then.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from invoke.collection import Collection
from invoke.parser.context import ParserContext

from stack.arguments import NAMES_A_PROGRAM
from stack.console import Failure
from stack.modes import ROOT

SHELLS = ("bash", "zsh", "fish")
TEMPLATES = Path(__file__).parent

OF_INVOKE = (("--list", "show every task"), ("--help", "explain the task that follows"))

Words = list[tuple[str, str]]
"""What can be typed, and what it means."""


def script(shell: str, namespace: Collection, contexts: Iterable[ParserContext]) -> str:
    """The completion script for a shell. Raises Failure for one that is not known."""
    if shell not in SHELLS:
        raise Failure(f"There is no completion for {shell}.", f"Type one of: {', '.join(SHELLS)}")
    known = table(namespace, contexts)
    write_case = _fish_case if shell == "fish" else _case
    cases = "\n".join(write_case(key, words) for key, words in known.items())
    template = (TEMPLATES / f"inv.{shell}").read_text(encoding="utf-8")
    core = (TEMPLATES / "candidates.sh").read_text(encoding="utf-8")
    return template.replace("@CANDIDATES@\n", core).replace("@CASES@\n", cases + "\n")


def table(namespace: Collection, contexts: Iterable[ParserContext]) -> dict[str, Words]:
    """What can follow: `tasks`; `TASK --`, its flags; `TASK program`, a word of its own.

    `contexts` are Invoke's own: a task gives the help of its flags away once only.
    """
    tasks: Words = []
    found: dict[str, Words] = {" --": list(OF_INVOKE)}
    for context in contexts:
        says = (namespace[str(context.name)].__doc__ or "").strip().splitlines()[0]
        for name in (str(context.name), *context.aliases):
            tasks.append((name, says))
            found[f"{name} --"] = _flags(context)
            if name == "completion":
                found[f"{name} program"] = [(shell, "") for shell in SHELLS]
            mode, _, verb = name.partition(".")
            if verb in NAMES_A_PROGRAM:
                services = [] if verb == "restart" else SERVICES
                found[f"{name} program"] = [*programs(mode), *services]
    return {"tasks": sorted(tasks), **found}


def _flags(context: ParserContext) -> Words:
    """The long flags; of one that is on already, its opposite."""
    off = {flag: opposite for opposite, flag in context.inverse_flags.items()}
    own = [
        (off[flag], f"not: {argument.help}") if flag in off else (flag, argument.help or "")
        for flag, argument in context.flags.items()
        if flag.startswith("--")
    ]
    return [*own, ("--help", "explain it")]


SERVICES = [("app", "everything in the app container"), ("db", "the database")]


def programs(mode: str) -> Words:
    """The programs that supervisord starts in a mode, as its configuration says."""
    folder = "prod" if mode == "prod" else "dev"
    files = [ROOT / "docker" / folder / "supervisord.conf"]
    files += sorted((ROOT / "backend" / "supervisor.d").glob("*.conf"))
    sections = re.compile(r"^\[(?:fcgi-)?program:([\w.-]+)\]", re.M)
    return [(name, "") for file in files for name in sections.findall(file.read_text())]


def _lines(words: Words) -> str:
    return " ".join(shlex.quote(f"{word}\t{says}") for word, says in words)


def _case(key: str, words: Words) -> str:
    return f"    {shlex.quote(key)}) printf '%s\\n' {_lines(words)} ;;"


def _fish_case(key: str, words: Words) -> str:
    # fish has no '"'"': in single quotes it reads \' and \\.
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    lines = " ".join(quoted(f"{word}\t{says}") for word, says in words)
    return f"        case {quoted(key)}\n            printf '%s\\n' {lines}"
