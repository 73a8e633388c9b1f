"""From a container's start until it is ready, with the database up and nothing to migrate."""

from __future__ import annotations

import time

import requests

from stack.core.polling import wait_until
from tests.bench import beside
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most
from tests.bench.stand import Stand

LIMIT = 60

SETTLING_SECONDS = 3
"""Ready is who has one server; the others and the worker come a moment later."""

PARTS = """\
exec 4>&1 >/dev/null 2>&1
started=$(date +%s%N)
python -c 'import django'
run-daphne --bind 127.0.0.1 --port 9131 --access-log /dev/null $ASGI_APPLICATION &
until (exec 3<>/dev/tcp/127.0.0.1/9131); do kill -0 $!; sleep 0.005; done
taken=$(($(date +%s%N) - started))
kill $!
wait $! || true
printf '%d.%09d' $((taken / 1000000000)) $((taken % 1000000000)) >&4
"""
"""In the container, by its own clock: the least that has to be done, and the seconds it took."""


def ready(stand: Stand) -> list[Row]:
    """The app container, stopped and started again, beside the least that has to be done."""
    taken = interleaved(
        stand.rounds,
        container=lambda: restart(stand),
        parts=lambda: _parts(stand),
    )
    words = "import django + Daphne's start"
    name = "start of the container to ready"
    return [Row(name, "s", taken["container"], words, taken["parts"], at_most(5))]


def restart(stand: Stand) -> float:
    """Stop the app's container and start it; seconds from its start until it is ready."""
    stand.app.stop()
    started = time.monotonic()
    stand.app.start()
    _wait(f"{stand.project.url}/api/health/ready/")
    return time.monotonic() - started


def _parts(stand: Stand) -> float:
    time.sleep(SETTLING_SECONDS)
    return float(beside.shell(stand.app, PARTS))


def _wait(url: str) -> None:
    def answers() -> bool:
        return requests.get(url, timeout=5).status_code == 200

    wait_until(url, answers, seconds=LIMIT, every=0.02, ignoring=(requests.RequestException,))
