"""The services that Apprise knows: which URLs are accepted, what is shown of one, and sending.

An admin chooses the host, so an admin can find open ports in the network, as with MQTT. What
reads files or runs programs of this machine is refused: that is the operator's.

Apprise's messages hold parts of the URL, which is a secret. Of them, only numbers of errors are
shown; its log goes nowhere (config/settings.py).
"""

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from core.sentences import Sentence
from notifications import facts
from notifications.failures import (
    HAS_A_FILE,
    NAMES_A_FILE,
    STAYS_HERE,
    UNKNOWN_SERVICE,
    Failed,
    Refused,
)

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

LONGEST_URL = 2000  # characters
LONGEST_MESSAGE = 2000  # characters

LOCAL = frozenset({"blink1", "dbus", "glib", "gnome", "macosx", "syslog", "vapid", "windows"})
"""Modules of Apprise's services on this machine: its desktop, its log, its devices, its files."""

FILES = frozenset({"keyfile", "pgppub", "pgpprv", "subfile", "template"})
"""Parameters that name a file, which Apprise reads."""

FILE_ATTRIBUTES = ("keyfile", "pgp_key", "pgp_privkey", "template")
"""The same in its objects: its reading of a URL and Python's may differ."""

# Of HTTP, `error=404`; of SMTP, `(535, b'…')`.
STATUS = re.compile(r"error=(\d{3})\b|\((\d{3}), ")
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+|localhost|\[?[0-9a-f:]+\]?", re.I)


class Description(NamedTuple):
    """What may be shown of a URL: the service, and the host if it is one and no secret."""

    service: str
    host: str


def describe(url: str) -> Description:
    """Return what may be shown of a URL, or raise Refused."""
    service = _service(url)
    shown = service.url(privacy=True)  # type: ignore[no-untyped-call]  # has no types
    try:
        host = urlsplit(shown).hostname or ""
    except ValueError:  # a token in brackets, of which Apprise shows `[...]`
        host = ""
    # Where a service has no host, a part of the secret stands there, shortened or not.
    return Description(str(service.service_name)[:64], host if HOST.fullmatch(host) else "")


@cache
def load() -> None:
    """Load Apprise, which takes seconds, so that the first alarm does not wait for it."""
    _service("json://localhost")


def send(url: str, title: str, body: str) -> None:
    """Send one message, or raise Failed or Refused; it may take as long as the service likes."""
    from apprise import Apprise, AppriseResultStatus  # heavy

    service = _service(url)
    sender = Apprise(asset=_asset())
    sender.add(service)
    result = sender.notify(
        title=title, body=body[:LONGEST_MESSAGE], log_level=logging.WARNING, body_format="text"
    )
    if result.status is not AppriseResultStatus.SUCCESS:
        raise Failed(_reason(service, " ".join(entry.message for entry in result.logs())))


def _service(url: str) -> "NotifyBase":
    """Return Apprise's object for a URL; raise Refused."""
    from apprise import Apprise  # heavy: it has 150 services

    try:
        query = urlsplit(url.strip()).query
        service = Apprise.instantiate(url, asset=_asset())
    except ValueError:  # a host in brackets that is no address, for example
        query, service = "", None
    names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    if found := names & FILES:
        raise Refused(NAMES_A_FILE(name=min(found)))
    if service is None:
        raise Refused(UNKNOWN_SERVICE())
    if type(service).__module__.removeprefix("apprise.plugins.").partition(".")[0] in LOCAL:
        raise Refused(STAYS_HERE(service=str(service.service_name)))
    if any(getattr(service, name, None) for name in FILE_ATTRIBUTES):
        raise Refused(HAS_A_FILE())
    return service


@cache
def _asset() -> "AppriseAsset":
    """Nothing of Apprise's own in the messages, nothing on the disk, no thread of its own."""
    from apprise import AppriseAsset  # heavy

    return AppriseAsset(
        app_id="Alarm panel",
        app_desc="Alarm panel",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        allow_templates=False,
        async_mode=False,
        http_redirects=False,  # a POST becomes a GET without the message, of whatever address
        service_timeout=0,  # notifications/attempts.py has the limit
        result_log_memory_size=10_000,
    )


def _reason(service: "NotifyBase", messages: str) -> Sentence:
    """Return why it failed, from what Apprise logs, without any of its words."""
    name = str(service.service_name)
    if found := STATUS.search(messages):
        return facts.SERVICE_ERROR(service=name, status=found[1] or found[2])
    if re.search(r"connection|socket|timed? ?out", messages, re.I):
        return facts.SERVICE_AWAY(service=name)
    return facts.SERVICE_REFUSES(service=name)
