"""The HTTP paths: health, metrics, and the API. All others belong to the frontend."""

from django.urls import include, path

from config import docs, exposition, health

urlpatterns = [
    path("api/health/live/", health.live),
    path("api/health/ready/", health.ready),
    path("metrics", exposition.page),  # not reachable through the published port
    path("api/schema/", docs.schema),
    path("api/docs/", docs.page),
    path("api/docs/<str:name>", docs.file),
    path("api/", include("people.urls")),
    path("api/", include("alarm.urls")),
    path("api/", include("outputs.urls")),
    path("api/", include("integrations.urls")),
    path("api/", include("notifications.urls")),
]
