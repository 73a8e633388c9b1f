"""The HTTP paths: health, and the alarm's API. Everything else is the frontend's, not ours."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("api/health/live/", health.live),
    path("api/health/ready/", health.ready),
    path("api/", include("people.urls")),
    path("api/", include("alarm.urls")),
]
