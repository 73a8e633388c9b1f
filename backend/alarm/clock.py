"""A clock that cannot be set: delays and heartbeats are not lengthened by setting the system's."""

import time


def steady_time() -> float:
    """Return seconds of a clock that cannot be set; on Linux it also counts in suspend."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
