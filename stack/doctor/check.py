"""One thing that the doctor looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stack.core.console import Failure


@dataclass(frozen=True)
class Check:
    """A finding: what was looked at, whether it is well, and what to type when it is not."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    is_hint: bool = False
    """Whether a stack may do well without it: it does not count as a problem."""
    fix: Callable[[], object] | None = None
    """Puts it right without root; None where only a person can."""

    @property
    def verdict(self) -> str:
        """`ok`, `hint` or `failed`."""
        return "ok" if self.ok else "hint" if self.is_hint else "failed"

    def as_json(self) -> dict[str, object]:
        """For a script: name, ok, hint, found, remedy, fixable."""
        fixable = not self.ok and self.fix is not None
        told = {"name": self.name, "ok": self.ok, "hint": self.is_hint, "found": self.found}
        return told | {"remedy": "" if self.ok else self.remedy, "fixable": fixable}


def attempt(name: str, look: Callable[[], Check | Iterator[Check]]) -> Iterator[Check]:
    """The checks of one look, whose own Failure is a finding as well."""
    try:
        found = look()
        yield from [found] if isinstance(found, Check) else found
    except Failure as failure:
        yield Check(name, False, failure.what, failure.remedy)
