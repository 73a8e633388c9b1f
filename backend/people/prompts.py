"""Prompts of the commands for secrets.

Any user of the host can read an argument in the process list.
"""

import getpass
import sys

from django.core.management.base import CommandError


def secret(question: str) -> str:
    """Return what a person types twice, unseen; without a terminal, a line of standard input."""
    if not sys.stdin.isatty():
        return line()
    answer = getpass.getpass(f"{question}: ")
    if answer and getpass.getpass(f"{question} again: ") != answer:
        raise CommandError("These were not the same: nothing has been changed.")
    return answer


def line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def text(question: str) -> str:
    if not sys.stdin.isatty():
        raise CommandError(f"{question}? Without a terminal it has to be an option: see --help.")
    return input(f"{question}: ").strip()
