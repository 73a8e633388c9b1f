"""The browsers that show notifications: subscribing, and how a subscription ends."""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request

from alarm import changes
from core.guard import require_disarmed
from core.sentences import FAULTS
from notifications.kinds import Kind
from notifications.models import PushSubscription
from notifications.vaults import SUBSCRIPTIONS
from notifications.web_push import Subscription
from people.actors import source_of
from people.models import Person, Session
from people.permissions import person_of
from people.session_list import id_of, own_id

MOST_OF_ONE = 10
DURESS_FOR_ADMINS = FAULTS.add("duress_for_admins", "Only an admin may subscribe to duress.")


class TooManyBrowsers(Exception):
    """A person has as many browsers as there may be."""


class NotForResidents(Exception):
    """Residents do not see that a code was a duress code."""


def of(person: Person) -> QuerySet[PushSubscription]:
    return PushSubscription.objects.filter(person=person)


def kinds_for(person: Person) -> list[Kind]:
    """Return the kinds that a person may subscribe to."""
    return [kind for kind in Kind if kind != Kind.DURESS or person.is_admin]


@transaction.atomic
def subscribe(request: Request, subscription: Subscription, kinds: list[str]) -> PushSubscription:
    """Store a browser's subscription for the person of the request.

    It may be repeated. Other kinds, or another person, for one that is stored raise NotDisarmed:
    fewer people might hear of the alarm. Raises NotForResidents or TooManyBrowsers, too.
    """
    person = person_of(request)
    if set(kinds) - set(kinds_for(person)):
        raise NotForResidents(DURESS_FOR_ADMINS())
    changes.locked_alarm()
    fingerprint = hashlib.sha256(subscription.endpoint.encode()).hexdigest()
    row = PushSubscription.objects.filter(fingerprint=fingerprint).first()
    is_new = row is None or row.person_id != person.pk
    if is_new and of(person).count() >= MOST_OF_ONE:
        raise TooManyBrowsers(f"You have {MOST_OF_ONE} browsers already: remove one first.")
    if row is None:
        row = PushSubscription(fingerprint=fingerprint)
    elif row.person_id != person.pk or row.kinds != kinds:
        require_disarmed()
    row.person, row.kinds = person, kinds
    row.session = own_id(request)
    row.device = source_of(request)[:200]
    row.subscription = SUBSCRIPTIONS.encrypt(subscription.text())
    row.save()
    return row


def follow_session(instance: Session, **_: Any) -> None:
    """Remove the subscriptions of a session that is ended.

    One that expires leaves them: the alarm is told also to those who seldom open the page.
    """
    if instance.expire_date > timezone.now():
        PushSubscription.objects.filter(session=id_of(instance.session_key)).delete()
