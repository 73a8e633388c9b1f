"""Errors of the API that have a code of their own.

Apart from `config/api.py`, which needs the framework's views, which need what raises these.
"""

from rest_framework.exceptions import APIException


class Problem(APIException):
    """An error with a code of its own, ready to be answered."""

    def __init__(
        self, status: int, code: str, detail: str, wait: int | None = None, **more
    ) -> None:
        """With `wait` (seconds), the framework adds a Retry-After header; `more` joins the body."""
        super().__init__(detail, code)
        self.status_code = status
        self.wait = wait
        self.more = more
