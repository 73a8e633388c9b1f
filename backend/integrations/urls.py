"""The integrations' HTTP paths, below /api/."""

from django.urls import path

from integrations import discovered_views, views

urlpatterns = [
    path("integrations/mqtt/", views.MqttView.as_view()),
    path("integrations/mqtt/discovered/", discovered_views.DiscoveredView.as_view()),
    path("integrations/mqtt/discovered/import/", discovered_views.ImportView.as_view()),
    path("integrations/mqtt/home-assistant/", views.HomeAssistantView.as_view()),
    path("integrations/mqtt/test/", views.MqttTestView.as_view()),
    path("integrations/mqtt/zigbee2mqtt/", views.ZigbeeView.as_view()),
]
