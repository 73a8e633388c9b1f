"""The MQTT bridge: docs/home-assistant.md describes its topics."""
