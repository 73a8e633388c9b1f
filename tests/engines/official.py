"""Stand-ins that are tagged and built like the official base images; see official/."""

from __future__ import annotations


def build() -> None:
    """Build those that this machine's engine lacks."""
    raise NotImplementedError
