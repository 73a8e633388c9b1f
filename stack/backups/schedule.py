"""A backup every night, by systemd or by cron: what to install, printed and not installed."""

from __future__ import annotations

import os
import pwd
import re
import shlex

from stack.backups import folder
from stack.console import Failure
from stack.modes import Stack

PASSED_ON = ("DOCKER_HOST", "DOCKER_CONTEXT", "ALARM_NAME", "ALARM_PORT")
"""Variables that say which engine and which stack is meant, where they are set."""

SERVICE = """\
[Unit]
Description=Backup of {project}
Wants=network-online.target
After=network-online.target docker.service

[Service]
Type=oneshot
User={user}
WorkingDirectory={root}
{environment}ExecStart={command}
TimeoutStartSec=6h
"""

TIMER = """\
[Unit]
Description=Backup of {project} every day

[Timer]
OnCalendar=*-*-* {hour:02}:{minute:02}:00
Persistent=true

[Install]
WantedBy=timers.target
"""


def printed(stack: Stack, *, at: str, keep: int, to: str) -> str:
    """The unit files and the cron line, each with where it goes and how it is switched on.

    Raises Failure for a time that is none, or a folder that is not there.
    """
    hour, minute = parse_time(at)
    words = ["inv", f"{stack.mode.name}.backup", "--keep", str(keep)]
    if to:
        words += ["--to", str(folder.chosen(stack, to))]
    unit = f"{stack.project}-backup"
    return f"""\
# ---- systemd: /etc/systemd/system/{unit}.service ----
{service(stack, words)}
# ---- systemd: /etc/systemd/system/{unit}.timer ----
{TIMER.format(project=stack.project, hour=hour, minute=minute)}
# Then:  sudo systemctl daemon-reload && sudo systemctl enable --now {unit}.timer
# Try:   sudo systemctl start {unit}.service; journalctl --unit {unit}

# ---- or cron: /etc/cron.d/{unit} ----
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
{cron_line(stack, words, hour, minute, unit)}
"""


def parse_time(text: str) -> tuple[int, int]:
    """Hour and minute of a day."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text, re.ASCII)
    if found is None:
        raise Failure(f"{text!r} is no time of a day.", "Type for example: --at 03:30")
    return int(found[1]), int(found[2])


def service(stack: Stack, words: list[str]) -> str:
    """The service; systemd reads % and $ in a line of its own way."""
    # env, because systemd takes no path of a program with a space or an umlaut in it.
    argv = ["/usr/bin/env", str(stack.root / "bootstrap"), *words]
    environment = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in _variables().items()
    )
    return SERVICE.format(
        project=stack.project,
        user=_user(),
        root=str(stack.root).replace("%", "%%"),
        environment=environment,
        command=" ".join(_quoted(word).replace("$", "$$") for word in argv),
    )


def cron_line(stack: Stack, words: list[str], hour: int, minute: int, tag: str) -> str:
    """A line of /etc/cron.d; its output goes to the system's log, its failure is told there."""
    variables = "".join(f"{name}={shlex.quote(value)} " for name, value in _variables().items())
    argv = shlex.join([str(stack.root / "bootstrap"), *words])
    command = f"cd {shlex.quote(str(stack.root))} && {variables}{argv} 2>&1 | logger -t {tag}"
    escaped = command.replace("%", r"\%")  # else cron makes a new line of it
    return f"{minute} {hour} * * * {_user()} {escaped}"


def _variables() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}


def _user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _quoted(word: str) -> str:
    """A word of a unit file, as systemd.syntax(7) wants it."""
    plain = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./-]+", plain, re.ASCII):
        return plain
    return '"' + plain.replace("\\", r"\\").replace('"', r"\"") + '"'
