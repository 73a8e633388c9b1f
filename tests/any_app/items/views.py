"""Items, of which each socket hears when one is added, and uploads, of which some are kept."""

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


@csrf_exempt
def upload(request):
    return JsonResponse({"bytes": request.FILES["file"].size})


def health(request):
    """Through the middleware, so that it needs a host and a scheme that the app accepts."""
    return JsonResponse({"items": Item.objects.count()})
