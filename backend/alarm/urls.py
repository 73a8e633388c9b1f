"""The alarm's HTTP paths, below /api/."""

from django.urls import path

from alarm import views

urlpatterns = [
    path("alarm/state/", views.state),
    path("alarm/arm/", views.arm),
    path("alarm/disarm/", views.disarm),
    path("events/", views.Events.as_view()),
]
