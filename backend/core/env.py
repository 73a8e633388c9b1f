"""Reads typed settings from the environment.

A setting `NAME` is given as `NAME`, or as `NAME_FILE`: the path of a file that holds it (a mounted
secret). An empty value counts as absent, because Compose passes `${NAME:-}` as an empty string.
A wrong value ends the process with one line: what is wrong, and what to do.
"""

import os
import re
from pathlib import Path
from typing import NoReturn

YES_AND_NO = {"true": True, "1": True, "yes": True, "on": True} | {
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def refuse(message: str) -> NoReturn:
    """End the process with exit status 1 and `message` as its only line."""
    raise SystemExit(message)


def optional(name: str) -> str | None:
    """Return the value of `NAME` or of the file at `NAME_FILE`, or None."""
    value = os.environ.get(name, "").strip()
    path = os.environ.get(f"{name}_FILE", "").strip()
    if value and path:
        refuse(f"{name} and {name}_FILE are both set: remove one of them.")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            refuse(f"{name}_FILE={path} cannot be read ({reason}): correct the path or the file.")
        if not value:
            refuse(f"{name}_FILE={path} is empty: write the value into it.")
    return value or None


def text(name: str, default: str) -> str:
    """Return the value of `NAME` or of the file at `NAME_FILE`, or `default`."""
    return optional(name) or default


def optional_path(name: str) -> str | None:
    """Return the path in `NAME`, of a file that can be read, or None."""
    path = os.environ.get(name, "").strip()
    if path and not os.access(path, os.R_OK):
        refuse(f"{name}={path} cannot be read: correct the path or the file.")
    return path or None


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    """Return the value of `NAME`, which must be one of `options`."""
    value = text(name, default)
    if value not in options:
        refuse(f"{name}={value} is not known: set it to {' or '.join(options)}.")
    return value


def flag(name: str) -> bool | None:
    """Return the value of `NAME` as a boolean, or None."""
    value = optional(name)
    if value is None:
        return None
    if value.lower() not in YES_AND_NO:
        refuse(f"{name}={value} is neither true nor false: set it to true or false.")
    return YES_AND_NO[value.lower()]


def integer(name: str, default: int, smallest: int, largest: int) -> int:
    """Return the value of `NAME` as a whole number between `smallest` and `largest`."""
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not smallest <= int(value) <= largest:
        refuse(f"{name}={value} is wrong: set a whole number from {smallest} to {largest}.")
    return int(value)


def hosts(name: str) -> tuple[str, ...]:
    """Return the host names in `NAME`, as browsers send them, separated by commas or spaces.

    A scheme, a port and a path are dropped; `*.example.org` is `.example.org`.
    """
    return tuple(_host(name, part) for part in re.split(r"[\s,]+", text(name, "").lower()) if part)


def _host(name: str, given: str) -> str:
    host = re.sub(r"^[a-z]+://|[/?#].*$", "", given)
    host = re.sub(r"^([^:]+|\[.*\]):[0-9]*$", r"\1", host).strip("[]").removesuffix(".")
    if host == "*":
        refuse(f"{name} is *, which lets other sites in: write the names, separated by commas.")
    dot = "." if host.startswith((".", "*.")) else ""
    try:
        host = dot + host.removeprefix("*").removeprefix(".").encode("idna").decode()
    except UnicodeError:
        host = ""
    if not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f:.]+", host):
        refuse(f"{name} has {given}, which is not a host name: correct it.")
    return host


def secret(name: str, default: str, *, production: bool, shortest: int, known: set[str]) -> str:
    """Return the secret `NAME`; only outside production may it be absent, known or short."""
    value = optional(name)
    remedy = f"set {name} or {name}_FILE to at least {shortest} random characters."
    if production:
        if value is None:
            refuse(f"{name} is missing, and production has no default: {remedy}")
        if value == default or value.lower() in known or value.startswith("django-insecure-"):
            refuse(f"{name} is a publicly known value: {remedy}")
        if len(value) < shortest:
            refuse(f"{name} has only {len(value)} characters: {remedy}")
        if len(set(value)) < 5:
            refuse(f"{name} repeats a few characters and is easy to guess: {remedy}")
    return value or default
