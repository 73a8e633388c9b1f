"""Addresses of webhooks: checked, encrypted at rest, and without their secrets in any message."""

import re
from urllib.parse import urlsplit

from core.secrets_at_rest import Vault
from core.sentences import FAULTS, Sentence

VAULT = Vault(b"outputs: addresses of webhooks", "address")
PLACEHOLDERS = ("{duration}", "{tone}")
LONGEST = 1000  # characters
BRACES = FAULTS.add(
    "address_braces", "Only {first} and {second} may be in braces; encode other special characters."
)
ADDRESS = FAULTS.add("address_format", "This is not an address like {example}.")
FRAGMENT = FAULTS.add("address_fragment", "An address of an output has no #.")


def fault(url: str) -> Sentence | None:
    """Return what is wrong with an address, or None."""
    plain = url
    for one in PLACEHOLDERS:
        plain = plain.replace(one, "1")
    if not re.fullmatch(r"[!-~]+", plain) or set(plain) & set('{}<>"\\^`|'):
        return BRACES(first=PLACEHOLDERS[0], second=PLACEHOLDERS[1])
    try:
        parts = urlsplit(plain)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or "{" in urlsplit(url).netloc:
        return ADDRESS(example="http://shelly.lan/relay/0?turn=on")
    return FRAGMENT() if parts.fragment else None


def place(url: str) -> str:
    """Return the scheme, host and port: all of an address that is no secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def fill(url: str, tone: str, duration: int) -> str:
    """Return the address with its placeholders replaced."""
    return url.replace("{duration}", str(duration)).replace("{tone}", tone)
