"""The secrets of a stack under test, which must appear nowhere else."""

from __future__ import annotations

from stack.compose.project import Project


def secrets_of(project: Project) -> dict[str, bytes]:
    """The secrets of a stack by their names."""
    found = {path.name: path.read_bytes().strip() for path in (project.root / ".secrets").iterdir()}
    found.pop("ca-bundle", None)  # public, and test_container.py looks for it
    assert found.keys() >= {"secret_key", "postgres_password"}
    return found
