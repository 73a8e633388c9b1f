"""The application as a whole: settings, URLs, ASGI, health, metrics and the API's document."""
