"""Good and bad versions of the app, made by changes to the tests' copy."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.compose.project import Project

COMMAND = "integrations/management/commands/apply_integration_settings.py"


@contextmanager
def changed(project: Project) -> Iterator[Path]:
    """The backend's folder; changes in the block are undone after it."""
    backend = project.root / "backend"
    kept = {path: path.read_bytes() for path in backend.rglob("*.py")}
    # Each version differs, else there is nothing to replace.
    (backend / "another_version.py").write_text(f"# {uuid.uuid4().hex}\n", encoding="utf-8")
    try:
        yield backend
    finally:
        for path in set(backend.rglob("*.py")) - kept.keys():
            path.unlink()
        for path, text in kept.items():
            if path.read_bytes() != text:
                path.write_bytes(text)


def ends_by_itself(backend: Path) -> None:
    """The version fails while it prepares."""
    with (backend / COMMAND).open("a", encoding="utf-8") as command:
        command.write('\n\nraise RuntimeError("a version that cannot start")\n')


def is_never_ready(backend: Path) -> None:
    """The version runs and reports that it is not ready."""
    with (backend / "config" / "health.py").open("a", encoding="utf-8") as health:
        health.write("\n\nasync def ready(request):\n    return JsonResponse({}, status=503)\n")
