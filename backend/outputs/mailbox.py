"""Commands for outputs on MQTT, from the driver's thread to that of the connection."""

from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple


class Letter(NamedTuple):
    """A command for one output; it is of no use after `seconds`, when it is sent again."""

    output_id: int
    message: dict[str, Any]
    seconds: int


class Mailbox:
    """One side puts letters in while it is open, the other collects them."""

    def __init__(self) -> None:
        self._letters: deque[Letter] = deque(maxlen=100)
        self._is_connected: Callable[[], bool] = lambda: False
        self._wake: Callable[[], None] = lambda: None
        self.opened: Callable[[], None] = lambda: None
        """Called when a connection begins to collect."""

    @property
    def is_open(self) -> bool:
        return self._is_connected()

    def open(self, is_connected: Callable[[], bool], wake: Callable[[], None]) -> None:
        """Begin to collect for a new connection. What waited for an earlier one is out of date."""
        self._letters.clear()
        self._is_connected, self._wake = is_connected, wake
        self.opened()

    def put(self, letter: Letter) -> None:
        self._letters.append(letter)
        self._wake()

    def collect(self) -> list[Letter]:
        """Return the letters that wait, oldest first."""
        found = []
        while self._letters:
            found.append(self._letters.popleft())
        return found


mailbox = Mailbox()
"""That of this process."""
