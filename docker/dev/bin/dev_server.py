#!/usr/bin/env python3
"""dev_server.py ADDRESS:PORT: run Daphne's development server, with Django's static files.

It is the `runserver` that Daphne brings, for an app that does not list `daphne` in INSTALLED_APPS
or ASGI_APPLICATION in its settings, too. It runs in the folder of `manage.py`, under
`app-environment`.
"""

import os
import sys
from contextlib import nullcontext

sys.path.insert(0, os.getcwd())
sys.argv[0] = "manage.py"  # what Django names in its output


def main(address: str) -> None:
    import django

    django.setup()
    try:
        from daphne.management.commands.runserver import Command
    except ModuleNotFoundError:  # Daphne 3 has none; it is in Channels 3
        from channels.management.commands.runserver import Command
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import override_settings

    found = os.environ["ASGI_APPLICATION"].replace(":", ".")
    is_set = getattr(settings, "ASGI_APPLICATION", None) == found
    with nullcontext() if is_set else override_settings(ASGI_APPLICATION=found):
        call_command(Command(), address, use_reloader=False)


main(*sys.argv[1:])
