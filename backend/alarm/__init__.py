"""The alarm: its states, its PIN, its timers, and how it is seen over HTTP and WebSockets."""
