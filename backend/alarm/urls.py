"""The alarm's HTTP paths, below /api/."""

from django.urls import path

from alarm import event_views, sensor_views, views

urlpatterns = [
    path("alarm/state/", views.StateView.as_view()),
    path("alarm/arm/", views.ArmView.as_view()),
    path("alarm/disarm/", views.DisarmView.as_view()),
    path("alarm/acknowledge/", views.AcknowledgeView.as_view()),
    path("settings/", views.SettingsView.as_view()),
    path("sensors/", sensor_views.SensorsView.as_view()),
    path("sensors/types/", sensor_views.TypesView.as_view()),
    path("sensors/<int:pk>/", sensor_views.SensorView.as_view()),
    path("sensors/<int:pk>/token/", sensor_views.TokenView.as_view()),
    path("sensors/<int:pk>/bypass/", sensor_views.BypassView.as_view()),
    path("sensors/<int:pk>/events/", sensor_views.ReportView.as_view()),
    path("events/", event_views.EventsView.as_view()),
    path("events/export/", event_views.ExportView.as_view()),
]
