"""Tells each socket of a new item."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer


class ItemConsumer(AsyncJsonWebsocketConsumer):
    groups = ("items",)

    async def receive_json(self, content):
        await self.send_json({"type": "echo", "content": content})

    async def item_added(self, event):
        await self.send_json({"type": "added", "name": event["name"]})
