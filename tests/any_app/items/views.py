"""Reads the items and adds one, which each socket hears of; keeps a file."""

import json

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt

from .models import Item


@csrf_exempt
def items(request):
    if request.method == "POST":
        item = Item.objects.create(name=json.loads(request.body)["name"])
        event = {"type": "item.added", "name": item.name}
        async_to_sync(get_channel_layer().group_send)("items", event)
    return JsonResponse({"items": [item.name for item in Item.objects.order_by("pk")]})


@csrf_exempt
def files(request, name):
    name = default_storage.save(name, ContentFile(request.body))
    return JsonResponse({"url": default_storage.url(name)})
