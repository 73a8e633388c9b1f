"""The integrations' HTTP paths, below /api/."""

from django.urls import path

from integrations import views

urlpatterns = [
    path("integrations/mqtt/", views.MqttView.as_view()),
    path("integrations/mqtt/home-assistant/", views.HomeAssistantView.as_view()),
    path("integrations/mqtt/test/", views.MqttTestView.as_view()),
]
