"""Liveness (the process answers) and readiness (it can work), for supervisors and people.

Readiness is bounded in time whatever the database does, a frozen one included: its checks run in
threads of their own that the answer does not wait for.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from alarm import leader
from broadcast import channel_layer
from core.threads import in_thread

LIMIT = 2.5  # seconds for each check; they run side by side
SILENT_WORKER = 6.0  # seconds; it is started again, or another takes over, in less
VERSION = {"version": settings.APP_VERSION, "revision": settings.APP_REVISION}


@require_safe
async def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process runs at all; asks nothing of the database."""
    return JsonResponse({"status": "ok", **VERSION})


@require_safe
async def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database, its schema, the broadcast and the worker work, else 503.

    Within 3 s. A missing worker counts: without one an alarm is never armed, and no siren sounds.
    """
    checks = await results()
    is_ready = all(result["ok"] for result in checks.values())
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks, **VERSION}
    return JsonResponse(body, status=200 if is_ready else 503)


async def results() -> dict[str, dict[str, Any]]:
    """Return what each check of readiness has found, by its name, within 3 s."""
    checks = {
        "database": check(in_thread(ask_database), "The database does not answer."),
        "migrations": check(in_thread(ask_migrations), "The database does not answer."),
        "broadcast": check(round_trip(), "No message came back from the channel layer."),
        "worker": check(in_thread(ask_worker), "The database does not answer."),
    }
    return dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))


async def check(work: Awaitable[str | None], otherwise: str) -> dict[str, Any]:
    """Return the result of one check: `work` gives a fault as a sentence, or None.

    An exception or LIMIT passing is the fault `otherwise`: the text of an exception names hosts and
    users, and this answer is public.
    """
    started = time.monotonic()
    try:
        fault = await asyncio.wait_for(work, LIMIT)
    except Exception:
        fault = otherwise
    result = {"ok": fault is None, "ms": round((time.monotonic() - started) * 1000)}
    return result if fault is None else {**result, "detail": fault}


def ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def ask_migrations() -> str | None:
    """Return which migrations are not applied, as a sentence, or None."""
    missing = newest_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    if not missing:
        return None
    names = ", ".join(sorted(f"{app}.{name}" for app, name in missing))
    return f"Not applied: {names}. Run `manage.py migrate`."


def ask_worker() -> str | None:
    """Return that no worker has given a sign of life, as a sentence, or None."""
    silence = leader.seconds_of_silence()
    if silence is None:
        return "The worker has not begun yet: no delay ends."
    if silence > SILENT_WORKER:
        return f"The worker has been silent for {silence:.0f} s: no delay ends."
    return None


@cache
def newest_migrations() -> frozenset[tuple[str, str]]:
    """Return the last migration of each app: files that do not change while a process runs."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


async def round_trip() -> None:
    """Send a message through the channel layer and wait until it comes back to this process."""
    layer = channel_layer()
    group, channel = f"probe.{secrets.token_hex(8)}", await layer.new_channel()
    await layer.group_add(group, channel)
    try:
        await in_thread(layer.publish, group, {"type": "probe"})
        while (await layer.receive(channel))["type"] != "probe":
            pass
    finally:
        await layer.group_discard(group, channel)
