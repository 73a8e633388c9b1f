"""The project's addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import path
from items.views import files, health, items, upload

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/items/", items),
    path("api/files/<str:name>", files),
    path("api/upload/", upload),
    *([path("healthz", health)] if settings.HAS_HEALTH else []),
]
