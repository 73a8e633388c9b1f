"""What every process of the app, server or command, does at its end."""

import atexit
from typing import cast

from django.apps import AppConfig
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper


class ProcessConfig(AppConfig):
    """Closes the connection pool before the interpreter ends."""

    name = "config"

    def ready(self) -> None:
        atexit.register(close_pool)


def close_pool() -> None:
    """Close the pool: left to the interpreter's own end, its threads delay the exit by 5 s each."""
    connection.close()
    cast(DatabaseWrapper, connection).close_pool()
