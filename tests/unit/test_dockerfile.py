"""The Dockerfile, as builders other than BuildKit read it."""

from __future__ import annotations

import re

from stack.config.modes import ROOT


def test_each_copy_names_a_file_that_always_exists() -> None:
    """Buildah, which Podman builds with, refuses a COPY in which no pattern matches."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    copies = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]
    named = [[word for word in words if not word.startswith("--")] for words in copies]
    assert len(named) > 10
    assert [words for words in named if all(re.search(r"[*?[]", word) for word in words)] == []
