"""The observations of one client: each answer or missing answer, with its time."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """`what` is an HTTP status, a close code or the reason for neither; `at` is monotonic."""

    what: str
    is_good: bool
    at: float
    seconds: float = 0.0
    """The duration of the request."""


@dataclass
class Observations:
    """Of one client, in order. Lists are appended to by one thread and read by another."""

    answers: list[Answer] = field(default_factory=list)

    def add(self, what: str, is_good: bool, seconds: float = 0.0) -> None:
        self.answers.append(Answer(what, is_good, time.monotonic(), seconds))

    @property
    def is_served(self) -> bool:
        """Whether the last answer was a good one."""
        return bool(self.answers) and self.answers[-1].is_good

    def served_since(self, moment: float) -> bool:
        """Whether a good answer has come after `moment`, and it was the last."""
        return self.is_served and self.answers[-1].at >= moment

    def failures(self) -> list[Answer]:
        return [answer for answer in self.answers if not answer.is_good]

    def recovered_at(self) -> float | None:
        """The moment of the first good answer after the last bad one; None if none was bad."""
        if not self.failures():
            return None
        last = max(n for n, answer in enumerate(self.answers) if not answer.is_good)
        return self.answers[last + 1].at if last + 1 < len(self.answers) else time.monotonic()

    def longest_gap(self) -> float:
        """The most seconds from one good answer to the next with a bad one in between."""
        longest, good_at, is_broken = 0.0, None, False
        for answer in self.answers:
            if not answer.is_good:
                is_broken = True
                continue
            if is_broken and good_at is not None:
                longest = max(longest, answer.at - good_at)
            good_at, is_broken = answer.at, False
        return longest

    def longest_wait(self) -> float:
        """The most seconds from the begin of a request until an answer was good, in any attempt."""
        longest, since = 0.0, None
        for answer in self.answers:
            since = answer.at - answer.seconds if since is None else since
            longest = max(longest, answer.at - since)
            if answer.is_good:
                since = None
        return longest

    def slowest(self) -> float:
        return max((answer.seconds for answer in self.answers if answer.is_good), default=0.0)


def counted(seen: list[Observations]) -> dict[str, int]:
    """How many answers of each kind a group of clients got."""
    return dict(Counter(answer.what for one in seen for answer in one.answers).most_common())
