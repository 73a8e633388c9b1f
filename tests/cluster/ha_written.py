"""What a client that writes all the time was told (writer.py)."""

from __future__ import annotations

import itertools
import json
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """What a writer was told."""

    rows: list[list[int]]
    times: list[list[float]]
    errors: dict[str, int]

    def longest_gap(self) -> float:
        """The longest time in seconds that any thread waited for its next acknowledged row."""
        return max(
            later - earlier
            for thread in self.times
            for earlier, later in itertools.pairwise(thread)
        )


@dataclass
class Writer:
    process: subprocess.Popen[str]
    written: Written | None = None

    def stop(self) -> Written:
        """End it, and return what it was told."""
        if self.written is None:
            output, _ = self.process.communicate(timeout=60)
            self.written = Written(**json.loads(output.splitlines()[-1]))
        return self.written
