"""The alarm: its states, delays, sensors, settings and history, and their HTTP API."""
