"""What the engine refuses because of a limit of this machine, in two lines."""

from __future__ import annotations

import re

from stack.core.console import Failure
from stack.engine.disk import PRUNE


def explain(output: str) -> Failure | None:
    """The Failure for what Docker Compose or the engine has printed, where it is a known limit."""

    def says(pattern: str) -> bool:
        return re.search(pattern, output, re.I) is not None

    if says("non-overlapping IPv4 address pool|address pools have been fully subsumed"):
        return Failure(
            "The engine has no address range left for another network.",
            "Remove networks that nothing uses: docker network prune   (see docs/engines.md)",
        )
    if says("cannot expose privileged port|bind: permission denied"):
        return Failure(
            "The engine may not open a port below 1024.",
            "Set ALARM_PORT=8080; or type: sudo sysctl net.ipv4.ip_unprivileged_port_start=80",
        )
    if says("bind: cannot assign requested address"):
        return Failure(
            "ALARM_BIND (or MQTT_PUBLISH) is not an address of this machine now.",
            "Correct it in .env; this machine's addresses: hostname -I   (see docs/engines.md)",
        )
    if says("no space left on device"):
        return Failure("A disk or its inodes are used up.", f"Make room: {PRUNE}")
    if says(r"cannot allocate memory|exit code: 137\b|signal: killed"):
        return Failure(
            "A step was killed, usually because the memory is used up.",
            "Close other programs or give the engine more memory, then type the same again",
        )
    return None
