"""Backups of a stack: taking one, putting one back, and upgrading with one in hand."""
