"""The secrets of notifications at rest, by purpose."""

from core.secrets_at_rest import Vault

URLS = Vault(b"notifications: URL of a channel", "URL")
SUBSCRIPTIONS = Vault(b"notifications: subscription of a browser", "subscription")
VAPID = Vault(b"notifications: key for push services", "key")
