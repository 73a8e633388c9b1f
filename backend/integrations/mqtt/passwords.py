"""The broker's passwords at rest: encrypted by `core.secrets_at_rest`."""

from core.secrets_at_rest import Unreadable, Vault

__all__ = ["Unreadable", "decrypt", "encrypt"]

_vault = Vault(b"integrations.mqtt: password of the broker")
encrypt, decrypt = _vault.encrypt, _vault.decrypt
