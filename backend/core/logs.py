"""Log format and filters: one record is one line, and an outage is not a flood."""

import logging
import time


class LineFormatter(logging.Formatter):
    """`time LEVEL logger message request=…`, in UTC; only a traceback has lines of its own."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        layout = "%(asctime)s %(levelname)s %(name)s %(message)s%(request_id)s"
        # Records of other handlers have not passed the filter that knows the request.
        super().__init__(layout, "%Y-%m-%dT%H:%M:%SZ", defaults={"request_id": ""})

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the record's line, with the line breaks of its message (psycopg's) removed."""
        return " ".join(super().formatMessage(record).split())


class OncePerMinute(logging.Filter):
    """Passes one record a minute: a pool without its database logs each second."""

    def __init__(self) -> None:
        super().__init__()
        self.next_at = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        is_due = record.created >= self.next_at
        if is_due:
            self.next_at = record.created + 60
        return is_due


class WithoutProbes(logging.Filter):
    """Drops successful health checks, of which there are many."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or "/api/health/" not in record.getMessage()


class ExceptionsOnly(logging.Filter):
    """Passes records with a traceback; a plain 4xx or 503 is in the proxy's access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)
