"""Requests that leave no garbage behind."""

from django.http import HttpRequest, HttpResponse

from config.middleware import Middleware


class UntieMiddleware(Middleware):
    """Unties what refers to itself in a circle, as soon as the answer is complete.

    Only a look for garbage frees a circle, and what a look costs grows with the sockets that are
    open (docker/bin/serving.py). With those of `config.gone` each request left sixty such objects.
    """

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Untie Django's `user`, which knows its request, and REST framework's view."""
        if response.streaming:  # what is still being made may ask for them
            return response
        for name in ("user", "auser"):
            vars(request).pop(name, None)
        if context := getattr(response, "renderer_context", None):
            context["request"].parser_context.clear()
            vars(context["view"]).clear()
            context.clear()
        return response
