"""What any JSON API needs, without knowledge of the alarm, of people or of MQTT."""
