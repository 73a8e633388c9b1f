"""One check of `inv doctor`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stack.core.console import Failure


@dataclass(frozen=True)
class Check:
    """What was checked, whether it is well, and what to type when it is not."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    is_hint: bool = False
    """Whether a stack starts without it."""
    fix: Callable[[], object] | None = None
    """Corrects it without root; None where that is not possible."""

    @property
    def verdict(self) -> str:
        """`ok`, `hint` or `failed`."""
        return "ok" if self.ok else "hint" if self.is_hint else "failed"

    def as_json(self) -> dict[str, object]:
        """For a script: name, ok, hint, found, remedy, fixable."""
        fixable = not self.ok and self.fix is not None
        facts = {"name": self.name, "ok": self.ok, "hint": self.is_hint, "found": self.found}
        return facts | {"remedy": "" if self.ok else self.remedy, "fixable": fixable}


def attempt(name: str, look: Callable[[], Check | Iterator[Check]]) -> Iterator[Check]:
    """The checks that `look` makes; a Failure of `look` becomes a check that failed."""
    try:
        found = look()
        yield from [found] if isinstance(found, Check) else found
    except Failure as failure:
        yield Check(name, False, failure.what, failure.remedy)
