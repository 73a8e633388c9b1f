"""python3 load.py URL: request URL until standard input ends, then print the counts as JSON.

Runs inside the nested engine's container, so it needs the standard library only. `gap` is the
longest time in seconds between two good answers.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request

ANSWER_SECONDS = 5


def main(url: str) -> None:
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    good = failed = 0
    gap, last = 0.0, time.monotonic()
    while not ended.is_set():
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
                answer.read()
        except OSError:  # a refused or reset connection, and an HTTP status of 400 and above
            failed += 1
            ended.wait(0.02)
            continue
        good += 1
        gap, last = max(gap, time.monotonic() - last), time.monotonic()
    gap = max(gap, time.monotonic() - last)
    print(json.dumps({"good": good, "failed": failed, "gap": round(gap, 2)}))


if __name__ == "__main__":
    main(sys.argv[1])
