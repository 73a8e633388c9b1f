"""Processor time and memory of containers, as the kernel counts them for each cgroup."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from docker import DockerClient
from docker.models.containers import Container

MICRO = 1e6


@dataclass
class Spent:
    """What was spent in a window."""

    seconds: float = 0.0
    """The window's length."""
    processor: dict[str, float] = field(default_factory=dict)
    """Microseconds by container."""

    def rate(self, name: str) -> float:
        """Microseconds a second."""
        return self.processor[name] / self.seconds

    def beyond(self, idle: Mapping[str, float], name: str) -> float:
        """Microseconds more than the container spends in that time when nothing is asked."""
        return self.processor[name] - idle[name] * self.seconds


class Meter:
    """Reads the counters of these containers, by a short name of each."""

    def __init__(self, client: DockerClient, containers: Mapping[str, Container]) -> None:
        self.client, self.containers = client, dict(containers)

    @contextmanager
    def window(self) -> Iterator[Spent]:
        """Yields what is spent in the block; it is complete when the block has ended."""
        spent = Spent()
        before, began = self._processor(), time.monotonic()
        yield spent
        after = self._processor()
        spent.seconds = time.monotonic() - began
        spent.processor = {name: after[name] - before[name] for name in after}

    def memory(self, name: str) -> int:
        """Bytes in use, as `docker stats` counts them: without what can be reclaimed."""
        stats = self._stats(name)["memory_stats"]
        of = stats["stats"]
        return int(stats["usage"] - of.get("total_inactive_file", of.get("inactive_file", 0)))

    def _processor(self) -> dict[str, float]:
        return {
            name: self._stats(name)["cpu_stats"]["cpu_usage"]["total_usage"] / 1000
            for name in self.containers
        }

    def _stats(self, name: str) -> Any:
        return self.client.api.stats(str(self.containers[name].id), stream=False, one_shot=True)
