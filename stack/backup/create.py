"""Making a backup: one snapshot is dumped and counted, and the file is read again and checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from stack.backup import archive, media, store
from stack.backup.archive import Backup, Manifest, human, measured
from stack.compose import lifecycle
from stack.compose.project import Project
from stack.config import secrets, version
from stack.core.console import Failure, say, step
from stack.database import migrations, server
from stack.database.server import Server, applied_migrations
from stack.database.snapshot import Snapshot, exported

PG_DUMP = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges")

COUNTS = """
SELECT format('SELECT json_build_array(%L, count(*)) FROM %I.%I',
              n.nspname || '.' || c.relname, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
ORDER BY 1
"""
"""A query that writes one query for each table."""


def create_backup(project: Project, target: Path) -> Path:
    """Write a backup into the folder `target` and return its path. The caller holds the lock.

    Raises Failure and leaves nothing behind when any of it fails.
    """
    lifecycle.require_own_checkout(project)
    require_data(project)
    with server.running_server(project) as database:
        at = datetime.now(UTC).replace(microsecond=0)
        path = target / store.name_of(project, at)
        with store.unfinished(path) as stream, exported(database) as snapshot:
            manifest = _manifest(project, database, snapshot, at)
            with step(f"Dumping {project.name}") as detail:
                dump = database.output_of(
                    *PG_DUMP, database.user, f"--snapshot={snapshot.name}", database.name
                )
                large = {archive.DUMP: measured(dump, detail)}
                if project.mode.is_production:  # development's files are in the checkout
                    large[archive.MEDIA] = measured(media.read(project), detail)
                manifest = archive.write(stream, manifest, _small_members(project), large)
                store.flush(stream)
            with step("Reading the file again from the disk") as detail:
                written = Backup(path, stream)
                written.verify()
                require_restorable(database, written, detail)
            apart = kept_apart(written)
    say(f"✓ {path.name}: {human(path.stat().st_size)}, {described(manifest)}", style="green")
    secret = " and the secret key" if written.member(archive.SECRET_KEY) else ""
    files = ", uploaded files" if written.member(archive.MEDIA) else ""
    say(f"It holds all data{files}{secret}. Only you can read it (mode 600); keep it so.")
    for name in apart:
        say(f"It does not hold .secrets/{name}, which a new machine needs: keep a copy elsewhere.")
    return path


def require_data(project: Project) -> None:
    """Raise Failure where the stack has no database to back up."""
    if not project.has_data():
        raise _no_database(project)


def _no_database(project: Project) -> Failure:
    return Failure(f"{project.name} has no database yet.", f"Start it: inv {project.mode.name}")


def require_restorable(
    database: Server, backup: Backup, detail: Callable[[str], None] = lambda text: None
) -> None:
    """Let pg_restore read all of the dump, and discard what it writes."""
    database.feed(measured(backup.chunks(backup.dump), detail), "pg_restore", "--file=/dev/null")


def described(manifest: Manifest) -> str:
    """What is in a backup, as a phrase."""
    return (
        f"{manifest.rows:,} rows in {len(manifest.tables)} tables, "
        f"version {manifest.version} ({manifest.revision}), schema {manifest.schema}"
    )


def _manifest(project: Project, database: Server, snapshot: Snapshot, at: datetime) -> Manifest:
    applied = applied_migrations(snapshot.ask)
    if not applied:
        raise _no_database(project)
    app = project.containers().get("app")
    labels = app.labels if app is not None else {}
    return Manifest(
        project=project.name,
        mode=project.mode.name,
        version=labels.get("org.opencontainers.image.version", version.version()),
        revision=labels.get("org.opencontainers.image.revision", version.revision(project.root)),
        created_at=at.isoformat(),
        postgres=database.ask("SHOW server_version")[0],
        database_bytes=int(database.ask(f"SELECT pg_database_size('{database.name}')")[0]),
        migrations=migrations.of_apps_in_use(project, applied),
        tables=dict(json.loads(row) for row in snapshot.ask(COUNTS + r"\gexec")),
    )


def counts(database: Server, name: str) -> dict[str, int]:
    """Rows by table in a database."""
    queries = database.ask(COUNTS, name)
    return dict(json.loads(row) for row in database.ask(" UNION ALL ".join(queries), name))


def _small_members(project: Project) -> dict[str, bytes]:
    files = {archive.SETTINGS: project.root / ".env"}
    if project.mode.is_production:
        # Development's secret key is public.
        files[archive.SECRET_KEY] = project.root / ".secrets" / "secret_key"
    found = {name: path.read_bytes() for name, path in files.items() if path.exists()}
    digests = (
        secrets.digests_of_those_kept_apart(project.root) if project.mode.is_production else {}
    )
    return {**found, archive.KEPT_APART: json.dumps(digests).encode()} if digests else found


def kept_apart(backup: Backup) -> dict[str, str]:
    """By name, the SHA-256 of each secret that the database needs and that the backup lacks."""
    member = backup.member(archive.KEPT_APART)
    return dict(json.loads(b"".join(backup.chunks(member)))) if member else {}
