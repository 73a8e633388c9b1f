"""What goes in and out: JSON."""

from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """REST framework's parser; brackets nested too deeply are bad JSON, not a crash."""

    def parse(self, stream, media_type=None, parser_context=None):
        """Return what the JSON says, or raise ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None


class OneKind(BaseContentNegotiation):
    """Gives what the address gives, whatever the Accept header says: there is one kind of each."""

    def select_parser(self, request, parsers):
        """Return the parser of the request's content type, or None."""
        wanted = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == wanted), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        """Return the only renderer."""
        return renderers[0], renderers[0].media_type
