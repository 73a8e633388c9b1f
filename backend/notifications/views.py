"""Channels and the settings of notifications over HTTP, for admins."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, operation
from notifications import channels, sending, trial
from notifications.models import Channel, NotificationSettings
from notifications.serializers import (
    ChannelSerializer,
    NotificationSettingsSerializer,
    TestResultSerializer,
)
from people.actors import actor_of
from people.permissions import IsAdmin

NAME_TAKEN: Raises = {channels.NameTaken: (409, "name_taken")}
MISSING = {404: ("not_found",)}


class SettingsView(View):
    permission_classes = (IsAdmin,)

    @operation("The settings of notifications", NotificationSettingsSerializer)
    def get(self, request: Request) -> NotificationSettings:
        return NotificationSettings.load()

    @operation(
        *("Change the settings of notifications", NotificationSettingsSerializer),
        body=NotificationSettingsSerializer,
        raises=ONLY_WHILE_DISARMED,
    )
    def patch(self, request: Request, body: dict[str, Any]) -> NotificationSettings:
        """Change those that are given."""
        return channels.change_settings(actor_of(request), **body)


class ChannelsView(View):
    permission_classes = (IsAdmin,)

    @operation("All channels, without their URLs", ChannelSerializer, many=True)
    def get(self, request: Request) -> QuerySet[Channel]:
        return Channel.objects.all()

    @operation(
        *("Add a channel", ChannelSerializer),
        status=201,
        body=ChannelSerializer,
        raises={**NAME_TAKEN, channels.TooManyChannels: (409, "too_many_channels")},
    )
    def post(self, request: Request, body: dict[str, Any]) -> Channel:
        return channels.create(actor_of(request), **body)


class ChannelView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Change a channel", ChannelSerializer),
        body=ChannelSerializer,
        raises={**NAME_TAKEN, **ONLY_WHILE_DISARMED},
        codes=MISSING,
    )
    def patch(self, request: Request, pk: int, body: dict[str, Any]) -> Channel:
        """Change what is given; without `url`, the stored one stays."""
        return channels.change(pk, actor_of(request), **body)

    @operation("Remove a channel", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    def delete(self, request: Request, pk: int) -> None:
        channels.remove(pk, actor_of(request))


class ChannelTestView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Send a test message to a channel", TestResultSerializer),
        codes={**MISSING, 429: ("throttled",)},
    )
    def post(self, request: Request, pk: int) -> dict[str, object]:
        """Send it now, past the outbox. The answer comes within 15 s, also if the service hangs."""
        channel = get_object_or_404(Channel, pk=pk)
        send = sending.to_channel(channel, *trial.words(channel.person))
        return trial.result(("channel", pk), send)
