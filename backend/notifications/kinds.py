"""The kinds of notifications, and how much each may be delayed."""

from enum import StrEnum


class Kind(StrEnum):
    """What a channel or a browser can subscribe to."""

    ALARM = "alarm"
    DURESS = "duress"  # a duress code or a silent panic button
    TROUBLE = "trouble"
    ARMING = "arming"  # and disarming, by a person or another system
    LATE_ARMING = "late_arming"


URGENT = (Kind.ALARM, Kind.DURESS)
"""Tried at once, also where the target fails at the moment."""
