"""One request to the address of a webhook, limited in time; redirects are not followed.

No message has any part of the address but its host: the rest may be secret.
"""

import base64
import json
import logging
import socket
import ssl
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import unquote, urlsplit

from core.secrets_at_rest import Unreadable
from outputs import secret_urls
from outputs.models import Command, Fault, Method, Output

logger = logging.getLogger(__name__)

LIMIT = 5.0  # seconds for the connection, and for the whole answer


def send(output: Output, command: Command, message: dict[str, Any]) -> Fault | None:
    """Send a command; return None for an answer of 2xx, otherwise what is wrong."""
    try:
        stored = output.on_url if command is Command.ON else output.off_url
        url = secret_urls.VAULT.decrypt(stored)
    except Unreadable:
        return Fault.UNREADABLE
    filled = secret_urls.fill(url, message.get("tone", ""), message.get("duration", 0))
    body = json.dumps(message) if output.method == Method.POST else None
    fault = _request(filled, output.method, body)
    if fault:
        logger.warning("“%s” at %s: %s", output.name, secret_urls.place(url), fault)
    return fault


def _request(url: str, method: str, body: str | None) -> Fault | None:
    connection = _connection(url)
    # The connection's own limit is one for each packet: an answer could drip for ever.
    cutter = threading.Timer(LIMIT, _cut, [connection])
    cutter.daemon = True
    try:
        connection.connect()
        cutter.start()
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, _headers(url, body))
        status = connection.getresponse().status
        return None if 200 <= status < 300 else Fault.HTTP_STATUS
    except ssl.SSLError:
        return Fault.TLS
    except (TimeoutError, HTTPException):
        return Fault.NO_ANSWER
    except ConnectionResetError:
        return Fault.NO_ANSWER
    except (OSError, UnicodeError, ValueError):
        return Fault.UNREACHABLE
    finally:
        cutter.cancel()
        connection.close()


def _connection(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = ssl.create_default_context()  # the system's authorities
        return HTTPSConnection(host, port, timeout=LIMIT, context=context)
    return HTTPConnection(host, port, timeout=LIMIT)


def _headers(url: str, body: str | None) -> dict[str, str]:
    parts = urlsplit(url)
    headers = {"User-Agent": "alarm-panel", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    return headers


def _cut(connection: HTTPConnection) -> None:
    """End a connection that another thread waits for."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
