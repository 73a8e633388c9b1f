"""Addresses of webhooks: checked, encrypted at rest, and without their secrets in any message."""

import re
from urllib.parse import urlsplit

from core.secrets_at_rest import Vault

VAULT = Vault(b"outputs: addresses of webhooks", "address")
PLACEHOLDERS = ("{duration}", "{tone}")
LONGEST = 1000  # characters


def fault(url: str) -> str:
    """Return what is wrong with an address, as a sentence, or ""."""
    plain = url
    for one in PLACEHOLDERS:
        plain = plain.replace(one, "1")
    if not re.fullmatch(r"[!-~]+", plain) or set(plain) & set('{}<>"\\^`|'):
        return "Only {duration} and {tone} may be in braces; encode other special characters."
    try:
        parts = urlsplit(plain)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or "{" in urlsplit(url).netloc:
        return "This is not an address like http://shelly.lan/relay/0?turn=on."
    return "An address of an output has no #." if parts.fragment else ""


def place(url: str) -> str:
    """Return the scheme, host and port: all of an address that is no secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def fill(url: str, tone: str, duration: int) -> str:
    """Return the address with its placeholders replaced."""
    return url.replace("{duration}", str(duration)).replace("{tone}", tone)
