"""Which files of an app reach the build of its image."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from stack.config.modes import ROOT

pytestmark = pytest.mark.mode("prod")

NEEDED = {
    "backend/manage.py",
    "backend/shop/static/vendor/dist/chart.js",
    "backend/shop/migrations/0002_views.sql",
    "frontend/.env",
    "frontend/.env.production",
    "frontend/.env.staging",
    "frontend/src/vendor/dist/editor.js",
}
LET_IN = {"backend/keys/public.pem"}
KEPT_OUT = {
    ".env",
    ".secrets/secret_key",
    "backend/.env",
    "backend/.env.production",
    "backend/.envs/.production/.django",
    "backend/.venv/bin/python",
    "backend/backup-of-may.sql",
    "backend/shop/dump.sql",
    "backend/db.sqlite3",
    "backend/keys/private.pem",
    "backend/keys/server.key",
    "backend/keys/id_ed25519",
    "backend/keys/store.p12",
    "backend/media/upload.png",
    "backend/shop.sql",
    "frontend/.env.local",
    "frontend/.env.production.local",
    "frontend/dist/index.html",
    "frontend/node_modules/vite/index.js",
}


def test_what_an_app_needs_is_in_the_build_and_no_secret(tmp_path: Path) -> None:
    context, seen = tmp_path / "context", tmp_path / "seen"
    for name in NEEDED | LET_IN | KEPT_OUT:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text("x", encoding="utf-8")
    shutil.copy(ROOT / ".dockerignore", context)
    with (context / ".dockerignore").open("a", encoding="utf-8") as ignored:
        ignored.writelines(f"!{name}\n" for name in LET_IN)
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM scratch\nCOPY . /\n", encoding="utf-8")
    build = ("docker", "build", "--quiet", f"--file={dockerfile}", f"--output={seen}")
    done = subprocess.run(
        [*build, str(context)],
        env={**os.environ, "DOCKER_BUILDKIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files = {str(path.relative_to(seen)) for path in seen.rglob("*") if path.is_file()}
    assert files == NEEDED | LET_IN
