"""Request bodies: JSON, and no more of it than this API could need."""

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    """REST framework's parser; brackets nested too deeply are bad JSON, not a crash."""

    def parse(self, stream, media_type=None, parser_context=None):
        """Return what the JSON says, or raise ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
