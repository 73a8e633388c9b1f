"""A client that writes all the time, in a container of the app's network, as the app connects.

It reads one line of JSON, `{"connection": PARAMETERS, "threads": COUNT}`, and writes rows until its
standard input ends. Then it prints what was acknowledged, as JSON: `rows` has pairs of a thread and
a number, `times` a list for each thread, in seconds of the kernel's monotonic clock, and `errors`
how often each text was met.
"""

import json
import sys
import threading
import time
from collections import Counter

import psycopg

PAUSE = 0.02
"""Seconds between two rows of a thread, and between two attempts to connect."""

given = json.loads(sys.stdin.readline())
stopped = threading.Event()
rows: list[tuple[int, int]] = []
times: list[list[float]] = [[] for _ in range(given["threads"])]
errors: Counter[str] = Counter()


def write(thread: int) -> None:
    number = 0
    while not stopped.is_set():
        try:
            with psycopg.connect(**given["connection"], autocommit=True) as session:
                while not stopped.wait(PAUSE):
                    number += 1
                    # Each number is tried once: one whose answer is lost may be there or not.
                    session.execute("INSERT INTO written VALUES (%s, %s)", (thread, number))
                    rows.append((thread, number))
                    times[thread].append(time.monotonic())
        except psycopg.Error as error:
            errors[" ".join(str(error).split())[:120]] += 1
            stopped.wait(PAUSE)


threads = [threading.Thread(target=write, args=(n,)) for n in range(given["threads"])]
for thread in threads:
    thread.start()
print("writing", flush=True)
sys.stdin.read()
stopped.set()
for thread in threads:
    thread.join()
print(json.dumps({"rows": rows, "times": times, "errors": errors}))
