"""What weakens the alarm is possible only while it is disarmed.

The state belongs to the alarm, a layer above, which connects itself to the signal `asked`.
"""

from django.dispatch import Signal

DETAIL = "This is possible only while the alarm is disarmed: disarm it first."

asked = Signal()
"""The receiver raises NotDisarmed, or keeps the alarm as it is until the transaction ends."""


class NotDisarmed(Exception):
    """The alarm is not disarmed, and what was asked for would weaken it."""

    def __init__(self) -> None:
        super().__init__(DETAIL)


# For the `raises` of an operation.
ONLY_WHILE_DISARMED: dict[type[Exception], tuple[int, str]] = {NotDisarmed: (409, "not_disarmed")}


def require_disarmed() -> None:
    """Raise NotDisarmed unless the alarm is disarmed, and stays so until the transaction ends.

    It takes the alarm's lock: take all of your own locks before. Call it in a transaction.
    """
    if not asked.send(sender=None):
        raise RuntimeError("No app answers for the alarm's state.")
