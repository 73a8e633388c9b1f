"""Connections to other systems: an MQTT broker, and through it Home Assistant."""
