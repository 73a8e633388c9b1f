"""The notifications' HTTP paths, below /api/."""

from django.urls import path

from notifications import outbox_views, push_views, views

urlpatterns = [
    path("notifications/settings/", views.SettingsView.as_view()),
    path("notifications/channels/", views.ChannelsView.as_view()),
    path("notifications/channels/<int:pk>/", views.ChannelView.as_view()),
    path("notifications/channels/<int:pk>/test/", views.ChannelTestView.as_view()),
    path("notifications/outbox/", outbox_views.OutboxView.as_view()),
    path("notifications/outbox/<int:pk>/", outbox_views.DeliveryView.as_view()),
    path("notifications/outbox/<int:pk>/retry/", outbox_views.RetryView.as_view()),
    path("notifications/push/", push_views.PushView.as_view()),
    path("notifications/push/<int:pk>/", push_views.PushSubscriptionView.as_view()),
    path("notifications/push/<int:pk>/test/", push_views.PushTestView.as_view()),
]
