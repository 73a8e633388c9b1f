"""The integrations' HTTP paths, below /api/."""

from django.urls import path

from integrations import views

urlpatterns = [
    path("integrations/mqtt/", views.Mqtt.as_view()),
    path("integrations/mqtt/test/", views.MqttTest.as_view()),
]
