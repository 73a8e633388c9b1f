"""How the app is set up: settings, URLs, ASGI, and what every request passes through."""
