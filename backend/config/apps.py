"""What starts and ends with every process of the app, server or command."""

import atexit

from django.apps import AppConfig
from django.db import connection


class ProcessConfig(AppConfig):
    """Ends the connection pool's threads while they still can end."""

    name = "config"

    def ready(self) -> None:
        """Register the end; imports of what needs the apps come here."""
        from config.direct import call_directly

        atexit.register(close_pool)
        call_directly()


def close_pool() -> None:
    """Close the pool: left to the interpreter's own end, its threads delay the exit by 5 s each."""
    connection.close()
    connection.close_pool()
