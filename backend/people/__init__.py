"""Persons with their roles, their sessions, and the PIN codes that disarm."""
