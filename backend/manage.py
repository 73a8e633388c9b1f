#!/usr/bin/env python
"""Runs one of the app's commands: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Run the command line; an unreachable database is one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        reason = " ".join(str(error).split())
        sys.exit(f"The database did not answer ({reason}): check POSTGRES_HOST and its service.")


if __name__ == "__main__":
    main()
