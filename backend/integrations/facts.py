"""What the history says of MQTT, by code: `core/sentences.py`."""

from core.sentences import FACTS

CHANGED = FACTS.add("mqtt_changed", "MQTT: changed {fields}")
NEW_PASSWORD = FACTS.add("mqtt_password", "MQTT: new password for {program}")
IGNORED = FACTS.add("mqtt_ignored", "Ignored: {reason}")
LAST_IGNORED = FACTS.add(
    "mqtt_last_ignored", "Ignored: {reason} More in this minute are not recorded."
)
SOURCE_GONE = FACTS.add("source_gone", "Its source does not announce it any more.")
SOURCE_MOVED = FACTS.add("source_moved", "Its source announces it on {topic}.")
