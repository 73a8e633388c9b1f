"""The setup token: production's first visit needs it, so that its visitor is the operator.

It is computed from SECRET_KEY and the hour. So nothing is stored, and each process knows it. It is
accepted during its hour and the next one, and useless once there is a person.
"""

import hmac
from hashlib import sha256

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from core.devices import address_of
from people import accounts, facts, lockout
from people.models import Person
from people.readable import readable, typed

HOUR = 3600  # seconds
LENGTH = 8  # characters of 5 bits each
PURPOSE = b"people: setup token"


class WrongSetupToken(lockout.Refused):
    """The token is not the one of this hour or the one before."""


def is_required() -> bool:
    """Return whether the first visit has to give a token."""
    return settings.SETUP_NEEDS_TOKEN and not Person.objects.exists()


def current() -> str:
    """Return the token of this hour, such as `K7QM-2XPD`."""
    return _of_hour(_hour())


def check(request: Request, token: str) -> None:
    """Raise WrongSetupToken or LockedOut unless the token is right. Not in a transaction."""

    def verify() -> None:
        known = (typed(_of_hour(hour)) for hour in (_hour(), _hour() - 1))
        if not any(constant_time_compare(typed(token), one) for one in known):
            raise WrongSetupToken(
                "The setup token is wrong or has expired: `inv prod` and `manage.py setup_token`"
                " print the one of now."
            )

    def failed(fault: lockout.Refused, is_locked: bool) -> None:
        accounts.record_failure(request, None, facts.WRONG_SETUP_TOKEN())
        if is_locked:
            accounts.record_failure(request, None, facts.TOO_MANY_SETUP_TOKENS(), kind="lockout")

    source = f"{lockout.LOGIN}setup|{accounts.network_of(address_of(request))}"
    lockout.attempt({source: lockout.LIMIT}, verify, failed)


def _hour() -> int:
    return int(timezone.now().timestamp()) // HOUR


def _of_hour(hour: int) -> str:
    key = hmac.digest(settings.SECRET_KEY.encode(), PURPOSE, sha256)
    return readable(hmac.digest(key, str(hour).encode(), sha256), LENGTH)
