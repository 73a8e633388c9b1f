"""The processes of the stack without containers."""

from __future__ import annotations

import psutil

from stack.local import sessions
from stack.local.runner import Local


def session_of(local: Local) -> sessions.Session:
    session = sessions.current(local.root)
    assert session
    return session


def processes(local: Local) -> list[psutil.Process]:
    supervisord = psutil.Process(session_of(local).pid)
    return [supervisord, *supervisord.children(recursive=True)]


def database_process(local: Local) -> psutil.Process:
    return next(process for process in processes(local) if process.name() == "postgres")
