"""Liveness (the process answers) and readiness (it can work), for supervisors and people.

Readiness is bounded in time whatever the database does, a frozen one included: its checks run in
threads of their own that the answer does not wait for. It is bounded in number, too: anyone may
ask, and those who ask within a second get the results of one round.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
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
from core.threads import health_threads, in_thread

FRESH = 1.0  # seconds for which results are given again
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


Results = dict[str, dict[str, Any]]


class Rounds:
    """The last round of checks of this process, which all who ask share while it is fresh."""

    def __init__(self) -> None:
        self._task: asyncio.Task[Results] | None = None
        self._began_at = 0.0

    async def latest(self) -> Results:
        if self._task is None or self._is_old(self._task):
            self._began_at = time.monotonic()
            self._task = asyncio.create_task(new_results())
        return await asyncio.shield(self._task)

    def _is_old(self, task: asyncio.Task[Results]) -> bool:
        is_fresh = time.monotonic() - self._began_at < FRESH
        return task.get_loop() is not asyncio.get_running_loop() or (task.done() and not is_fresh)


rounds = Rounds()


async def results() -> Results:
    """Return what each check of readiness has found, by its name, within 3 s."""
    return await rounds.latest()


async def new_results() -> Results:
    checks = {
        "database": check(asked(ask_database), "The database does not answer."),
        "migrations": check(asked(ask_migrations), "The database does not answer."),
        "broadcast": check(round_trip(), "No message came back from the channel layer."),
        "worker": check(asked(ask_worker), "The database does not answer."),
    }
    return dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))


def asked(question: Callable[[], str | None]) -> Awaitable[str | None]:
    return in_thread(question, pool=health_threads)


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


class LastLead:
    """When this process last saw a worker lead, by the monotonic clock."""

    seen_at = float("-inf")


last_lead = LastLead()


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
    silence, now = leader.seconds_of_silence(), time.monotonic()
    if silence is None:
        # It is started again, or another takes over.
        if now - last_lead.seen_at < SILENT_WORKER or leader.candidates():
            return None
        return "No worker runs: no delay ends."
    if silence > SILENT_WORKER:
        return f"The worker has been silent for {silence:.0f} s: no delay ends."
    last_lead.seen_at = now
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
        await in_thread(layer.publish, group, {"type": "probe"}, pool=health_threads)
        while (await layer.receive(channel))["type"] != "probe":
            pass
    finally:
        await layer.group_discard(group, channel)
