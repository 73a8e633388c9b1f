"""Sirens and relays: when they sound, how they are reached, and what they report."""
