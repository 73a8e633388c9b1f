"""The alarm over HTTP. Errors are raised as exceptions; `config/api.py` gives them their shape."""

from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer


def checked(serializer_class: type[BaseSerializer], request: Request, partial=False) -> dict:
    """Return the checked body of a request, or raise ValidationError."""
    serializer = serializer_class(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
