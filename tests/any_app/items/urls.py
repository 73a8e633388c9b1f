"""The project's addresses."""

from django.contrib import admin
from django.urls import path
from items.views import files, items

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/items/", items),
    path("api/files/<str:name>", files),
]
