"""Two lines instead of a traceback, for errors that no other module explains."""

from __future__ import annotations

import sys
from types import TracebackType

from stack.core.console import Failure

OF_THE_ENGINE = {"docker", "requests", "urllib3"}
"""Packages whose errors come from the engine: the SDK, and what it asks with."""


def explain() -> None:
    """Print two lines for an error of the engine, and for Ctrl-C before a command handles it."""
    usual = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # By name: importing the SDK would slow every command down.
        if kind.__module__.partition(".")[0] in OF_THE_ENGINE:
            text = " ".join(str(getattr(error, "explanation", None) or error).split())
            failure = Failure(f"The engine answers with an error: {text}", "Type: inv doctor")
            print(failure, file=sys.stderr)
        elif kind is KeyboardInterrupt:
            print(Failure("Interrupted.", "Type the command again."), file=sys.stderr)
        else:
            usual(kind, error, trace)

    sys.excepthook = hook
