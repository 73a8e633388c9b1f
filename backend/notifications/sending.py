"""Makes the call that sends a message to a channel or to a browser.

The call itself asks nothing of the database: it may hang for longer than a connection lasts.
"""

from collections.abc import Callable

from core.secrets_at_rest import Unreadable
from notifications import facts, services, web_push
from notifications.failures import Refused
from notifications.kinds import Kind
from notifications.models import Channel, PushSubscription
from notifications.vaults import SUBSCRIPTIONS, URLS

Send = Callable[[], None]
"""It raises Failed, Gone or Refused."""


def to_channel(channel: Channel, title: str, body: str) -> Send:
    try:
        url = URLS.decrypt(channel.url)
    except Unreadable as error:
        return _refuse(str(error))
    return lambda: services.send(url, title, body)


def to_browser(row: PushSubscription, kind: str, title: str, body: str) -> Send:
    """The page's service worker shows it; without a sound if it is about duress."""
    try:
        subscription = web_push.Subscription.of(SUBSCRIPTIONS.decrypt(row.subscription))
    except Unreadable:
        return _refuse(facts.PUSH_UNREADABLE())
    message = {
        "kind": kind,
        "title": title,
        "body": body[: web_push.LONGEST_TEXT],
        "silent": kind == Kind.DURESS,
    }
    key = web_push.own_key()
    return lambda: web_push.send(subscription, key, message)


def _refuse(sentence: str) -> Send:
    def refuse() -> None:
        raise Refused(sentence)

    return refuse
