"""Notifications: what happens at the panel, told to people by e-mail, messengers and browsers."""
