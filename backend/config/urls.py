"""The HTTP paths: health, metrics, the alarm's API. All else is the frontend's, not ours."""

from django.urls import include, path

from config import docs, exposition, health

urlpatterns = [
    path("api/health/live/", health.live),
    path("api/health/ready/", health.ready),
    path("metrics", exposition.page),  # no front passes it on from the port that people use
    path("api/schema/", docs.schema),
    path("api/docs/", docs.page),
    path("api/docs/<str:name>", docs.file),
    path("api/", include("people.urls")),
    path("api/", include("alarm.urls")),
    path("api/", include("integrations.urls")),
]
