"""The ASGI application that a server serves: HTTP to Django, WebSockets to the consumers."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # loads the apps, which the imports below need

from alarm.consumers import websocket_urlpatterns  # noqa: E402  # the apps first
from config.gone import UntilAnswered  # noqa: E402  # the apps first
from config.hosts import WebSocketGuard, refuse_websocket  # noqa: E402  # the apps first
from config.metrics import CountedWebSockets  # noqa: E402  # the apps first
from config.threads import LentThreads  # noqa: E402  # the apps first

# Without the last pattern an unknown path is an exception, and a traceback in the log.
websocket = URLRouter([*websocket_urlpatterns, re_path("", refuse_websocket)])
guarded = WebSocketGuard(CountedWebSockets(websocket))
answering = LentThreads(UntilAnswered(http))
application = ProtocolTypeRouter({"http": answering, "websocket": guarded})
