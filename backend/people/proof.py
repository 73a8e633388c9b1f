"""A fresh proof: the password, given in this session a short while ago.

A session alone does not show that its person is there: it may be a page that was left open.
"""

import datetime as dt

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from rest_framework.request import Request

FRESH = dt.timedelta(minutes=15)
_KEY = "proved_at"


def give(session: SessionBase) -> None:
    """Remember that the password has been verified now."""
    session[_KEY] = timezone.now().timestamp()


def is_fresh(request: Request) -> bool:
    """Return whether the last proof is recent; one in the future is from before a clock was set."""
    proved_at: float = request.session.get(_KEY, 0)
    age = timezone.now().timestamp() - proved_at
    return 0 <= age < FRESH.total_seconds()
