"""The HTTP paths: health, and the alarm's API. Everything else is the frontend's, not ours."""

from django.urls import include, path

from config import docs, health

urlpatterns = [
    path("api/health/live/", health.live),
    path("api/health/ready/", health.ready),
    path("api/schema/", docs.schema),
    path("api/docs/", docs.page),
    path("api/docs/<str:name>", docs.file),
    path("api/", include("people.urls")),
    path("api/", include("alarm.urls")),
    path("api/", include("integrations.urls")),
]
