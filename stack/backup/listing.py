"""What backups there are, as a table or for a script."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from stack.backup import store
from stack.backup.archive import human
from stack.backup.store import Entry
from stack.core.console import table

FACTS = ("project", "mode", "created_at", "version", "revision", "schema", "rows", "postgres")
"""What a script is given of a manifest."""


def show(where: Path, *, thorough: bool) -> bool:
    """Print the table, newest first; returns whether all of them can be trusted."""
    found = store.entries(where, thorough=thorough)
    columns = ("name", "age", "size", "version", "schema", "postgres", "rows", "state")
    table(str(where), columns, [_row(entry) for entry in reversed(found)])
    return not any(entry.trouble for entry in found)


def as_json(where: Path, *, thorough: bool) -> str:
    """The same for a script: a list of objects, newest first; `trouble` is empty for a good one."""
    return json.dumps(
        [
            {
                "name": entry.path.name,
                "path": str(entry.path),
                "bytes": entry.path.stat().st_size,
                "trouble": entry.trouble,
                **{fact: getattr(entry.manifest, fact) for fact in FACTS if entry.manifest},
            }
            for entry in reversed(store.entries(where, thorough=thorough))
        ]
    )


def _row(entry: Entry) -> tuple[str, ...]:
    name, size = entry.path.name, human(entry.path.stat().st_size)
    if (manifest := entry.manifest) is None:
        return (name, "", size, "", "", "", "", entry.trouble)
    age = _age((datetime.now(UTC) - manifest.at).total_seconds())
    made_by = (manifest.version, manifest.schema, str(manifest.postgres_major))
    return (name, age, size, *made_by, f"{manifest.rows:,}", "ok")


def _age(seconds: float) -> str:
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
