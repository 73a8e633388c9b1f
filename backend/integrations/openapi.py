"""What the addresses of the integrations take and answer."""

from drf_spectacular.utils import extend_schema_serializer

from config.openapi import describe
from integrations import views
from integrations.serializers import SettingsBody, SettingsRequest, TestBody

# The alarm has settings too.
extend_schema_serializer(component_name="MqttSettings")(SettingsBody)
extend_schema_serializer(component_name="MqttSettingsChange")(SettingsRequest)

describe(views.Mqtt, "get", "The MQTT settings, without the password", SettingsBody, who="admin")
describe(
    *(views.Mqtt, "patch", "Change the MQTT settings", SettingsBody),
    body=SettingsRequest,
    who="admin",
)
describe(
    *(views.MqttTest, "post", "Try to connect with these settings", TestBody),
    body=SettingsRequest,
    who="admin",
    errors={429: ("throttled",)},
)
