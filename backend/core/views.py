"""Views whose declarations both run requests and make the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, update_wrapper
from typing import Any, Concatenate

from django.http.response import HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from core.problems import Problem

Raises = dict[type[Exception], tuple[int, str]]


def checked(
    serializer: type[BaseSerializer[Any]], data: object, instance: Any = None, partial: bool = False
) -> dict[str, Any]:
    """Return the validated `data`; raises ValidationError."""
    bound = serializer(instance, data=data, partial=partial)
    bound.is_valid(raise_exception=True)
    return dict(bound.validated_data)


class operation:  # a decorator
    """Declare one HTTP method of a `View`.

    `body` validates the request; its values reach the method as `body`. With `loads_body=False` the
    method validates by itself, against an instance. `answer` serializes what the method returns;
    without it the answer is empty. A method may return a complete response instead.
    `raises` maps an exception to the status and code that answer it. `codes` maps a status to codes
    that arise elsewhere: inside the method, or in the reverse proxy.
    """

    def __init__(
        self,
        summary: str,
        answer: type[BaseSerializer[Any]] | None = None,
        *,
        many: bool = False,
        status: int | None = None,
        body: type[BaseSerializer[Any]] | None = None,
        loads_body: bool = True,
        permission: type[BasePermission] | None = None,
        raises: Raises | None = None,
        codes: Mapping[int, Iterable[str]] | None = None,
        query: type[BaseSerializer[Any]] | None = None,
        media_type: str = "application/json",
    ) -> None:
        self.summary, self.answer, self.many = summary, answer, many
        self.status = status or (200 if answer or media_type != "application/json" else 204)
        self.body, self.loads_body, self.permission = body, loads_body, permission
        self.raises, self.codes = raises or {}, codes or {}
        self.query, self.media_type = query, media_type

    def __call__(self, method: Callable[Concatenate[Any, Request, ...], Any]) -> operation:
        self.method = method
        update_wrapper(self, method)
        return self

    def __get__(self, view: View | None, owner: type[View]) -> Any:
        # With the text of the method, which the API's description shows.
        return self if view is None else update_wrapper(partial(self.run, view), self.method)

    def run(self, view: View, request: Request, **arguments: Any) -> HttpResponseBase:
        if self.body and self.loads_body:
            is_partial = request.method == "PATCH"
            arguments["body"] = checked(self.body, request.data, partial=is_partial)
        try:
            result = self.method(view, request, **arguments)
        except tuple(self.raises) as error:
            kind = next(kind for kind in self.raises if isinstance(error, kind))
            raise Problem.of(error, *self.raises[kind]) from error
        if isinstance(result, HttpResponseBase):
            return result
        if self.answer is None:
            return Response(status=self.status)
        serializer = self.answer(result, many=self.many, context={"request": request})
        return Response(serializer.data, self.status)


class View(APIView):
    """A view whose methods are operations."""

    def operation_of(self, method: str | None) -> operation | None:
        """Return the operation of an HTTP method, or None."""
        name = "get" if method == "HEAD" else (method or "").lower()
        found = getattr(type(self), name, None)
        return found if isinstance(found, operation) else None

    def get_permissions(self) -> Any:
        """Return the operation's permission, or those of the class."""
        found = self.operation_of(self.request.method)
        if found and found.permission:
            return [found.permission()]
        return super().get_permissions()
