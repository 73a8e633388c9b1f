"""Helpers of the tests of notifications."""

from notifications import channels
from notifications.kinds import Kind
from notifications.models import Channel, Delivery, PushSubscription
from notifications.vaults import SUBSCRIPTIONS
from notifications.web_push import Subscription
from people.models import Person
from tests.actions import ANNA
from tests.receivers import BrowserKeys

EVERYTHING = [str(kind) for kind in Kind]
NOWHERE = "json://127.0.0.1:9/"  # nothing listens there
SECRET = "S3cret"
URL = f"mailto://ben:{SECRET}@mail.example.org/?to=anna@example.org"
CHANNEL = {"name": "Mail", "url": URL, "kinds": ["alarm", "duress"]}
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


def make_channel(url: str = NOWHERE, kinds=EVERYTHING, name: str = "Mail", **fields) -> Channel:
    return channels.create(ANNA, name=name, url=url, kinds=kinds, **fields)


def subscription(kinds=("alarm",), endpoint: str = ENDPOINT) -> dict:
    """Return a browser's subscription as its page sends it."""
    return {"endpoint": endpoint, "keys": BrowserKeys().keys, "kinds": list(kinds)}


def make_browser(
    person: Person, kinds=EVERYTHING, endpoint: str = "", browser: BrowserKeys | None = None
) -> PushSubscription:
    """Make a subscription, of a browser in no session."""
    number = PushSubscription.objects.count()
    endpoint = endpoint or f"https://fcm.googleapis.com/fcm/send/{number}"
    keys = (browser or BrowserKeys()).keys
    return PushSubscription.objects.create(
        person=person,
        kinds=kinds,
        device="Chrome on Android",
        fingerprint=str(number),
        subscription=SUBSCRIPTIONS.encrypt(Subscription(endpoint, **keys).text()),
    )


def waiting(**filters) -> list[Delivery]:
    """Return what waits in the outbox, oldest first."""
    return list(Delivery.objects.filter(state="waiting", **filters).order_by("id"))


def told(**filters) -> list[tuple[str, str]]:
    """Return the kinds and texts of what waits, oldest first."""
    return [(row.kind, row.body) for row in waiting(**filters)]
