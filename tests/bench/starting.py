"""From a container's start until it is ready, with the database up and nothing to migrate."""

from __future__ import annotations

import time

import requests

from stack.compose import address
from stack.core.polling import wait_until
from tests.bench import controls
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most
from tests.bench.testbed import Testbed

LIMIT = 60

SETTLING_SECONDS = 3
"""The container is ready with one server; the others and the worker start a moment later."""

PARTS = """\
exec 4>&1 >/dev/null 2>&1
started=$(date +%s%N)
python -c 'import django'
run-daphne 9131 --access-log /dev/null $ASGI_APPLICATION &
answered() {
    exec 3<>/dev/tcp/127.0.0.1/9131
    printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3
    read -r -t 30 <&3
}
until (answered); do kill -0 $!; sleep 0.005; done
taken=$(($(date +%s%N) - started))
kill $!
wait $! || true
printf '%d.%09d' $((taken / 1000000000)) $((taken % 1000000000)) >&4
"""
"""Runs the minimum of a start in the container and prints its seconds."""


def ready(testbed: Testbed) -> list[Row]:
    """The app container, stopped and started, compared with the minimum of a start."""
    taken = interleaved(
        testbed.rounds,
        container=lambda: restart(testbed),
        parts=lambda: _parts(testbed),
    )
    words = "import django + Daphne's start"
    name = "start of the container to ready"
    return [Row(name, "s", taken["container"], words, taken["parts"], at_most(5))]


def restart(testbed: Testbed) -> float:
    """Stop and start the app's container; return the seconds from its start until it is ready."""
    testbed.app.stop()
    started = time.monotonic()
    testbed.app.start()
    _wait(f"{address.of(testbed.project).url}/api/health/ready/")
    return time.monotonic() - started


def _parts(testbed: Testbed) -> float:
    time.sleep(SETTLING_SECONDS)
    return float(controls.shell(testbed.app, PARTS))


def _wait(url: str) -> None:
    def answers() -> bool:
        return requests.get(url, timeout=5).status_code == 200

    wait_until(url, answers, seconds=LIMIT, every=0.02, ignoring=(requests.RequestException,))
