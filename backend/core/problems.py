"""Errors of the API that have a code of their own."""

from typing import Any, Self

from rest_framework.exceptions import APIException


class Problem(APIException):
    """An error with its status, code and detail; `core/api.py` gives the answer its shape."""

    def __init__(
        self, status: int, code: str, detail: str, wait: int | None = None, **more: Any
    ) -> None:
        """With `wait` (seconds) the answer has a Retry-After header; `more` joins the body."""
        # Without the code of a sentence, which REST framework would take for its own.
        super().__init__(str.__str__(detail), code)
        self.status_code = status
        self.wait = wait
        self.more = more

    @classmethod
    def of(cls, error: Exception, status: int, code: str) -> Self:
        """Return the problem of a domain error, from its optional `seconds` and `more`."""
        more = getattr(error, "more", {})
        return cls(status, code, str(error), getattr(error, "seconds", None), **more)
