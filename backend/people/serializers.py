"""The JSON of persons, sessions and PIN codes."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from core import faults
from core.sentences import FAULTS
from core.serializers import ModelSerializer, MomentField, Serializer
from people.models import Code, Person
from people.totp_serializers import code_field

USERNAME = r"\A[\w.@+-]{1,64}\Z"
PASSWORD = {"input_type": "password"}
USERNAME_FORMAT = FAULTS.add(
    "username_format", "A user name has letters, digits and @ . + - _ only."
)
USERNAME_TAKEN = FAULTS.add("username_taken", "Another person has this user name.")
NOT_AFTER = FAULTS.add("not_after_begin", "This is not after valid_from.")


def password_field(**options: Any) -> serializers.CharField:
    """Return a field for a password: bounded, and kept as it was typed."""
    return serializers.CharField(
        max_length=128, trim_whitespace=False, write_only=True, style=PASSWORD, **options
    )


def pin_field(**options: Any) -> serializers.RegexField:
    return serializers.RegexField(
        r"\A[0-9]{4,12}\Z",
        trim_whitespace=False,
        write_only=True,
        error_messages={"invalid": faults.message(faults.PIN, min=4, max=12)},
        **options,
    )


class UsernameField(serializers.RegexField):
    """A new user name; validated in the form in which it is stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            USERNAME,
            max_length=64,
            trim_whitespace=False,
            error_messages={"invalid": faults.message(USERNAME_FORMAT)},
            **options,
        )

    def to_internal_value(self, data: Any) -> str:
        return Person.normalize_username(super().to_internal_value(data))


def require_good_password(password: str, person: Person, field: str = "password") -> None:
    """Raise ValidationError for `field` with what is wrong with a new password."""
    try:
        validate_password(password, person)
    except DjangoValidationError as error:
        found = [password_fault(one) for one in error.error_list]
        raise serializers.ValidationError({field: found}) from error


def password_fault(error: DjangoValidationError) -> ErrorDetail:
    """Return Django's message about a password, with its code and parameters."""
    limit = (error.params or {}).get("min_length")
    params = {} if limit is None else {"min": limit}
    return ErrorDetail(error.messages[0], faults.Code(error.code or faults.OTHER, params))


class SessionPersonSerializer(serializers.ModelSerializer[Any]):
    """The person of a session."""

    class Meta:
        model = Person
        fields = ("id", "username", "name", "role")
        read_only_fields = fields


class SessionSerializer(serializers.Serializer[Any]):
    """The body of `GET /api/session/`."""

    setup_required = serializers.BooleanField(help_text="No person exists yet.")
    setup_token_required = serializers.BooleanField(help_text="The first run needs a `token`.")
    person = SessionPersonSerializer(allow_null=True)
    totp_required = serializers.BooleanField(
        help_text="A proof needs a `code` of the authenticator app, too."
    )
    csrf_token = serializers.CharField(help_text="For the header X-CSRFToken.")
    csrf_cookie = serializers.CharField(help_text="The name of the cookie that has the newest one.")


class ListedSessionSerializer(serializers.Serializer[Any]):
    """A session in the list; its key is never sent."""

    id = serializers.CharField()
    person = SessionPersonSerializer()
    device = serializers.CharField(help_text="Its browser and address at the last use.")
    created_at = MomentField(allow_null=True)
    last_used_at = MomentField(allow_null=True, help_text="Within ten minutes.")
    expires_at = MomentField()
    is_current = serializers.BooleanField()


class SetupSerializer(Serializer):
    """The body of `POST /api/setup/`."""

    username = UsernameField()
    name = serializers.CharField(max_length=64)
    password = password_field()
    pin = pin_field()
    token = serializers.CharField(
        max_length=32,
        required=False,
        default="",
        allow_blank=True,
        write_only=True,
        help_text="Where `setup_token_required`: what `manage.py setup_token` prints.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        person = Person(username=attrs["username"], name=attrs["name"])
        require_good_password(attrs["password"], person)
        return attrs


class LoginSerializer(Serializer):
    """The body of `POST /api/session/`."""

    username = serializers.CharField(max_length=64, trim_whitespace=False)
    password = password_field()
    code = code_field(required=False, default="", allow_blank=True)


class ProofSerializer(Serializer):
    """The body of `POST /api/session/proof/`."""

    password = password_field()
    code = code_field(required=False, default="", allow_blank=True)


class LanguageSerializer(Serializer):
    """The body of `POST /api/session/language/`."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES_OF_PEOPLE)


class PasswordChangeSerializer(Serializer):
    """The body of `POST /api/session/password/`."""

    current = password_field()
    new = password_field()


class PersonSerializer(ModelSerializer):
    """A person, as an admin sees and changes them."""

    username = UsernameField()
    name = serializers.CharField(max_length=64, required=False)
    password = password_field()

    class Meta:
        model = Person
        fields = ("id", "username", "name", "role", "is_active", "password")

    def validate_username(self, username: str) -> str:
        """Return the name; another person must not have it."""
        others = Person.objects.exclude(pk=self.instance.pk if self.instance else 0)
        if others.filter(username=username).exists():
            raise faults.invalid(USERNAME_TAKEN())
        return username

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "password" in attrs:
            names = {
                name: attrs.get(name, getattr(self.instance, name, "") if self.instance else "")
                for name in ("username", "name")
            }
            require_good_password(attrs["password"], Person(**names))
        return attrs


class CodeSerializer(ModelSerializer):
    """A PIN code; the PIN itself is never sent."""

    pin = pin_field()
    person = serializers.PrimaryKeyRelatedField(
        queryset=Person.objects.all(), allow_null=True, required=False
    )
    person_name = serializers.CharField(
        source="person.name", read_only=True, default=None, allow_null=True
    )
    valid_from = MomentField(allow_null=True, required=False)
    valid_until = MomentField(allow_null=True, required=False)
    last_used_at = MomentField(read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=Code.Status.choices, read_only=True)

    class Meta:
        model = Code
        fields = (
            *("id", "label", "pin", "person", "person_name", "duress", "valid_from"),
            *("valid_until", "is_active", "last_used_at", "status"),
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a validity that does not begin before it ends."""
        begins, ends = (
            attrs.get(name, getattr(self.instance, name, None))
            for name in ("valid_from", "valid_until")
        )
        if begins and ends and begins >= ends:
            raise faults.invalid(NOT_AFTER(), "valid_until")
        return attrs
