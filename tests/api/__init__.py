"""Thousands of generated requests check that production's API follows /api/schema/."""
