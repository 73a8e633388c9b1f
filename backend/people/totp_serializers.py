"""The JSON of authenticator apps."""

from typing import Any

from rest_framework import serializers

from core.serializers import MomentField, Serializer


def code_field(**options: Any) -> serializers.CharField:
    """Return a field for a code of the app, or a recovery code, as a person types it."""
    return serializers.CharField(
        max_length=32,
        write_only=True,
        help_text="A code of the authenticator app, or a recovery code.",
        **options,
    )


class TotpSerializer(serializers.Serializer[Any]):
    """The body of `GET /api/session/totp/`."""

    added_at = MomentField(allow_null=True, help_text="Codes are needed since then.")
    recovery_codes_left = serializers.IntegerField()


class NewTotpSerializer(serializers.Serializer[Any]):
    """A secret for an app, which is shown this once."""

    secret = serializers.CharField(help_text="For typing, in base 32.")
    uri = serializers.CharField(help_text="What the QR code says.")
    qr_size = serializers.IntegerField(help_text="The side of the QR code, in modules.")
    qr_path = serializers.CharField(help_text="Its dark modules, as the path of an SVG.")


class TotpCodeSerializer(Serializer):
    """The body that confirms a new app."""

    code = code_field()


class RecoveryCodesSerializer(serializers.Serializer[Any]):
    """Recovery codes, which are shown this once."""

    recovery_codes = serializers.ListField(child=serializers.CharField())
