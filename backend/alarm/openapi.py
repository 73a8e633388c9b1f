"""What the alarm's addresses take and answer."""

from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers

from alarm.serializers import (
    AlarmBody,
    ArmRequest,
    BypassRequest,
    DisarmRequest,
    EventBody,
    EventQuery,
    NewSensorBody,
    ReportRequest,
    SensorBody,
    SensorRequest,
    SequenceBody,
    SettingsBody,
    TokenBody,
)
from alarm.views import alarm, events, sensors
from config.openapi import CSV, describe

MISSING = {404: ("not_found",)}

describe(alarm.state, "get", "The alarm's state", AlarmBody)
describe(
    *(alarm.arm, "post", "Arm: the exit delay begins", AlarmBody),
    body=ArmRequest,
    errors={409: ("illegal_transition", "not_ready")},
)
describe(
    *(alarm.disarm, "post", "Disarm", AlarmBody),
    body=DisarmRequest,
    errors={
        403: ("wrong_pin", "expired_code"),
        409: ("illegal_transition", "no_pin"),
        429: ("locked_out", "throttled"),
    },
)
describe(alarm.Settings, "get", "The settings", SettingsBody)
describe(
    *(alarm.Settings, "patch", "Change settings", SettingsBody), body=SettingsBody, who="admin"
)

describe(sensors.Sensors, "get", "All sensors", SensorBody(many=True))
describe(
    *(sensors.Sensors, "post", "Add a sensor; its token is shown this once", NewSensorBody),
    status=201,
    body=SensorRequest,
    who="admin",
    errors={409: ("name_taken", "too_many_sensors")},
)
describe(
    *(sensors.OneSensor, "patch", "Change a sensor", SensorBody),
    body=SensorRequest,
    who="admin",
    errors={409: ("name_taken",), **MISSING},
)
describe(sensors.OneSensor, "delete", "Remove a sensor", status=204, who="admin", errors=MISSING)
describe(
    *(sensors.token, "post", "Give a sensor a new token", TokenBody), who="admin", errors=MISSING
)
describe(
    *(sensors.bypass, "post", "Bypass a sensor until the next disarming", SensorBody),
    body=BypassRequest,
    errors=MISSING,
)
describe(
    *(sensors.report, "post", "Report, as a sensor", SequenceBody),
    status=202,
    body=ReportRequest,
    who="sensor",
    errors={
        400: ("in_the_future",),
        401: ("bad_token",),
        404: ("not_found",),
        409: ("replayed", "stale"),
        429: ("throttled",),
    },
)

PAGE = inline_serializer(
    "EventPage",
    {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": EventBody(many=True),
    },
)
PAGING = (
    OpenApiParameter("cursor", str, description="Taken from `next` or `previous`."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
)
describe(
    *(events.events, "get", "The history, newest first, in pages", PAGE),
    parameters=(EventQuery, *PAGING),
    errors={400: ("invalid",), **MISSING},
)
describe(
    *(events.export, "get", "The history as a table", CSV),
    parameters=(EventQuery,),
    errors={400: ("invalid",), 429: ("throttled",)},
)
