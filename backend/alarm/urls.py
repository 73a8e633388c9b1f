"""The alarm's HTTP paths, below /api/."""

from django.urls import path

from alarm.views import alarm, events, sensors

urlpatterns = [
    path("alarm/state/", alarm.state),
    path("alarm/arm/", alarm.arm),
    path("alarm/disarm/", alarm.disarm),
    path("settings/", alarm.Settings.as_view()),
    path("sensors/", sensors.Sensors.as_view()),
    path("sensors/<int:pk>/", sensors.OneSensor.as_view()),
    path("sensors/<int:pk>/token/", sensors.token),
    path("sensors/<int:pk>/bypass/", sensors.bypass),
    path("sensors/<int:pk>/events/", sensors.report),
    path("events/", events.events),
    path("events/export/", events.export),
]
