"""inv adopt: files that it does not copy, and what it says of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stack.adopt import left_out
from stack.config.modes import ROOT
from tests.support.invoke import run_inv
from tests.unit.test_adopt import app, django, page

PUBLIC = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n"
PRIVATE = PUBLIC.replace("PUBLIC", "PRIVATE")


def git(folder: Path, *words: str) -> None:
    named = ("git", "-c", "user.name=a", "-c", "user.email=a@b.example")
    local = ("-c", "protocol.file.allow=always")
    subprocess.run([*named, *local, "-C", str(folder), *words], check=True, capture_output=True)


FILES = {
    "backend/keys/jwt.pem": PUBLIC,
    "backend/keys/signing.pem": PRIVATE,
    "backend/keys/both.pem": PUBLIC + PRIVATE,
    "backend/keys/binary.key": "\x01",
    "backend/shop/static/lib/dist/chart.js": "chart",
    "backend/shop/migrations/views.sql": "select 1",
    "backend/schema.sql": "select 1",
    "backend/db.sqlite3": "SQLite",
    "frontend/dist/index.html": "old",
    "frontend/dist/assets/index.js": "old",
    "frontend/src/dist/editor.js": "editor",
    "frontend/.env.production": 'VITE_API="/api/"\nTOKEN=hunter2\nVITE_NAME=Shop # hunter2\n',
}


def test_it_says_what_it_leaves_out_and_copies_what_an_app_needs(tmp_path: Path) -> None:
    shop = app(tmp_path / "shop", {**django(), **page(), **FILES})
    (shop / "backend" / "outside").symlink_to(tmp_path)
    done = run_inv("adopt", str(shop))
    done.check_returncode()
    made, said = tmp_path / "shop-stack", done.stderr
    for name in ("keys/jwt.pem", "shop/static/lib/dist/chart.js", "shop/migrations/views.sql"):
        assert (made / "backend" / name).is_file(), name
    assert (made / "frontend/src/dist/editor.js").is_file()
    assert (made / "frontend/.env.production").read_text() == 'VITE_API="/api/"\nVITE_NAME=Shop \n'
    for name in ("keys/signing.pem", "keys/both.pem", "keys/binary.key", "db.sqlite3"):
        assert not (made / "backend" / name).exists(), name
    assert not (made / "frontend/dist").exists()
    keys = "backend/keys/binary.key backend/keys/both.pem backend/keys/signing.pem"
    assert f"as they are no public keys: {keys}\n" in said
    assert "as they are databases: backend/db.sqlite3\n" in said
    assert "the stack builds the page itself: frontend/dist\n" in said
    assert "except for their lines VITE_…, which each page has: frontend/.env.production" in said
    assert "Not in the image, as they may be copies of a database: backend/schema.sql" in said
    ignored = (made / ".dockerignore").read_text().splitlines()
    assert [line for line in ignored if line.startswith("!backend/")] == ["!backend/keys/jwt.pem"]
    assert ignored.index("!backend/keys/jwt.pem") > ignored.index("**/*.pem")


def test_a_django_app_with_the_name_media_is_in_the_image(tmp_path: Path) -> None:
    shop = app(tmp_path / "shop", {**django(), **page(), "backend/media/models.py": ""})
    run_inv("adopt", str(shop)).check_returncode()
    assert "\nbackend/media\n" in (ROOT / ".dockerignore").read_text()
    assert "\nbackend/media\n" not in (tmp_path / "shop-stack" / ".dockerignore").read_text()


@pytest.mark.parametrize(
    ("text", "is_whole", "copied"),
    [
        ("VITE_A=1\n\n# a remark\nexport VITE_B='x=y'\n", True, ""),
        ('VITE_A="1\n2"\nSECRET=x\n', False, 'VITE_A="1\n2"\n'),
        ("VITE_A=1\n# OLD_SECRET=x\n", False, "VITE_A=1\n"),
    ],
)
def test_of_the_pages_variables_only_those_of_vite_are_copied(
    tmp_path: Path, text: str, is_whole: bool, copied: str
) -> None:
    app(tmp_path, {"package.json": "{}", ".env": text})
    reason = left_out.why(tmp_path / ".env", tmp_path)
    assert reason is (None if is_whole else left_out.PARTLY)
    assert is_whole or left_out.public_lines(tmp_path / ".env") == copied


def test_files_of_a_submodule_are_copied_from_a_folder_and_from_a_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = app(tmp_path / "library", {"code.py": "library = 1\n"})
    shop = app(tmp_path / "shop", {**django(), **page()})
    for folder in (library, shop):
        git(folder, "init", "-q")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", "first")
    git(shop, "submodule", "--quiet", "add", str(library), "backend/lib")
    git(shop, "commit", "-qm", "library")
    # Git refuses submodules on the same disk by default.
    for name, value in (("COUNT", "1"), ("KEY_0", "protocol.file.allow"), ("VALUE_0", "always")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    for number, where in enumerate((str(shop), f"file://{shop}")):
        made = tmp_path / f"made {number}"
        run_inv("adopt", where, "--into", str(made)).check_returncode()
        assert (made / "backend/lib/code.py").read_text() == "library = 1\n"
    git(shop, "submodule", "--quiet", "deinit", "backend/lib")
    done = run_inv("adopt", str(shop), "--into", str(tmp_path / "without"))
    assert "Git repositories of their own: backend/lib\n  → Submodules: type git" in done.stderr
