"""What starts and ends with every process of the app, server or command."""

import atexit

from django.apps import AppConfig
from django.db import connection


class ProcessConfig(AppConfig):
    """Ends the connection pool's threads while they still can end."""

    name = "config"

    def ready(self) -> None:
        """Register the end."""
        atexit.register(close_pool)


def close_pool() -> None:
    """Close the pool: left to the interpreter's own end, its threads delay the exit by 5 s each."""
    connection.close()
    connection.close_pool()
