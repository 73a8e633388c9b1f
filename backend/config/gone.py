"""What a server raises when the application tells something to a client that has gone.

Each has an error of its own, and loading the other server for it would take memory for nothing.
"""

import sys

RAISED = {"autobahn.exception": "Disconnected", "uvicorn.protocols.utils": "ClientDisconnected"}


def client_has_gone() -> tuple[type[BaseException], ...]:
    """Return those errors, for an `except`: of the servers that are loaded by then."""
    return tuple(
        getattr(sys.modules[module], name)
        for module, name in RAISED.items()
        if module in sys.modules
    )
