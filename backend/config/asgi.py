"""The ASGI application: HTTP goes to Django, WebSockets to the consumers."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()  # loads the apps, which the imports below need

from core.metrics import CountedWebSockets  # noqa: E402  # the apps first
from realtime.consumers import AlarmConsumer  # noqa: E402  # the apps first
from realtime.origin import OriginGuard, refuse  # noqa: E402  # the apps first

# Without the last pattern an unknown path is an exception, and a traceback in the log.
# `path` is typed for views; Channels documents this call.
routes = [path("ws/alarm/", AlarmConsumer.as_asgi()), re_path("", refuse)]  # type: ignore[arg-type]  # no view
websocket = URLRouter(routes)  # type: ignore[arg-type]  # its stubs know views only
guarded = OriginGuard(CountedWebSockets(websocket))
application = ProtocolTypeRouter({"http": http, "websocket": guarded})
