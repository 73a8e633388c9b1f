"""The URLs of channels: which are refused, and what is shown of the others."""

import re
from pathlib import Path

import apprise
import pytest

from alarm.models import Event
from notifications import services
from notifications.models import Channel
from notifications.vaults import URLS
from tests.notifying import CHANNEL, SECRET, URL, make_channel

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_url_is_stored_encrypted_and_never_shown_again(page):
    added = page.ask("POST", "notifications/channels/", CHANNEL)
    assert added.status_code == 201
    shown = added.json()
    assert (shown["service"], shown["host"]) == ("E-Mail", "mail.example.org")
    assert shown["enabled"] is True
    number = shown["id"]
    answers = [
        added,
        page.ask("GET", "notifications/channels/"),
        page.ask("PATCH", f"notifications/channels/{number}/", {"url": URL, "name": "New"}),
        page.ask("GET", "events/"),
    ]
    assert SECRET not in "".join(answer.content.decode() for answer in answers)
    assert SECRET not in Channel.objects.get().url
    assert URLS.decrypt(Channel.objects.get().url) == URL
    assert "changed name, url" in Event.objects.first().detail


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "no URL of a service"),
        ("file:///etc/passwd", "no URL of a service"),
        ("config:///etc/apprise.yml", "no URL of a service"),
        ("json://[::1/", "no URL of a service"),
        ("ntfy://[nowhere]/topic", "no URL of a service"),
        ("json://\u2100.example.org/", "no URL of a service"),
        ("syslog://", "does not leave the panel"),
        ("dbus://", ""),
        ("windows://", ""),
        ("macosx://", ""),
        ("gnome://", ""),
        ("blink1://", ""),
        ("vapid://a@example.org/b@example.org?keyfile=/run/secrets/x", "names a file"),
        ("fcm://project@key/device?keyfile=/run/secrets/SECRET_KEY", "names a file"),
        ("discord://1234567890/abcdefgh?template=/etc/passwd", "names a file"),
        ("discord://1234567890/abcdefgh?%74emplate=/etc/passwd", "names a file"),
        ("mailto://a:b@example.org?pgppub=/etc/passwd", "names a file"),
        ("json://example.org/" + "x" * services.LONGEST_URL, "more than"),
        ("", "blank"),
    ],
)
def test_a_url_that_is_wrong_or_reads_files_or_stays_on_the_panel_is_refused(page, url, words):
    answer = page.ask("POST", "notifications/channels/", CHANNEL | {"url": url})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert words in answer.json()["fields"]["url"]


@pytest.mark.parametrize(
    ("url", "service", "host"),
    [
        ("ntfys://ntfy.sh/S3cretTopic", "ntfy", "ntfy.sh"),
        ("ntfy://S3cretTopic", "ntfy", ""),
        ("tgram://123456789:S3cretS3cretS3cret/12345678/", "Telegram", ""),
        ("pover://S3cretS3cretS3cretS3cretS3cret@abcdefghijklmnopqrstuvwxyz1234", "Pushover", ""),
        ("json://user:S3cret@192.168.1.5:8080/S3cret", "JSON", "192.168.1.5"),
        ("https://discord.com/api/webhooks/1234567890/S3cretS3cret", "Discord", ""),
        ("discord://[::1]/S3cretS3cret", "Discord", ""),
    ],
)
def test_what_is_shown_of_a_url_holds_no_secret(url, service, host):
    assert services.describe(url) == (service, host)


def test_a_url_of_another_secret_key_has_to_be_entered_again(page, settings):
    channel = make_channel()
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(Exception, match="enter it again"):
        URLS.decrypt(channel.url)


LOCAL = re.compile(
    r"\bsubprocess\b|\bPopen\b|\bctypes\b|\bblink1\b|AppriseAttachment\(asset|keyfile"
    r"|^\s*(?:import|from) (?:dbus|gi|syslog|win32)|(?<![.\w])open\((?!attach|\s|\))"
    r"|PGPController\(",
    re.MULTILINE,
)
REVIEWED = {
    *("blink1", "dbus", "glib", "gnome", "macosx", "syslog", "vapid", "windows"),  # refused
    *("discord", "email", "fcm", "slack", "telegram", "workflows"),  # without parameters of files
    *("mastodon", "pushbullet", "twitter"),  # they read attachments, which are never sent
    "mqtt",  # its "keyfile" is an argument of paho's, which it does not set
}


def test_every_service_of_apprise_that_reads_files_or_runs_programs_has_been_reviewed():
    """A new version of Apprise may bring others."""
    folder = Path(apprise.plugins.__path__[0])
    found = {
        path.relative_to(folder).with_suffix("").parts[0]
        for path in folder.rglob("*.py")
        if path.parent != folder or path.stem not in ("__init__", "base")
        if LOCAL.search(path.read_text(encoding="utf-8"))
    }
    assert found == REVIEWED
