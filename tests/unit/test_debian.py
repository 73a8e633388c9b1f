"""apt's files of sources, in both of their styles."""

import platform
from pathlib import Path

import pytest

from stack.core import files
from stack.engine import debian
from stack.engine.debian import Source

BOTH_STYLES = {
    "deb": """
# deb http://commented.invalid/packages bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.invalid/packages/ bookworm main contrib  # ours
deb-src http://mirror.invalid/packages bookworm main
  deb http://mirror.invalid/packages bookworm-updates main
""",
    "deb822": """
# A mirror
Types: deb deb-src
URIs: http://mirror.invalid/packages
# Suites: sid
Suites: bookworm bookworm-updates
Components: main
Signed-By: /keys/a.gpg

Types: deb
URIs: http://mirror.invalid/security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----

Enabled: no
Types: deb
URIs: http://disabled.invalid/packages
Suites: bookworm
Components: main
""",
}


def test_one_line_style() -> None:
    first, second = debian.one_line_style(BOTH_STYLES["deb"])
    uri = "http://mirror.invalid/packages/"
    assert first == Source(uri, "bookworm", ("main", "contrib"), "/keys/a.gpg")
    assert second.suite == "bookworm-updates"


def test_deb822_style() -> None:
    mirror, updates, security = debian.deb822_style(BOTH_STYLES["deb822"])
    assert [mirror.suite, updates.suite] == ["bookworm", "bookworm-updates"]
    assert mirror.signed_by == "/keys/a.gpg"
    assert security.uri == "http://mirror.invalid/security"


def test_a_key_inside_an_entry_is_kept_as_it_is() -> None:
    *_, security = debian.deb822_style(BOTH_STYLES["deb822"])
    assert security.signed_by.startswith("\n -----BEGIN")
    assert security.signed_by.endswith("\n -----END PGP PUBLIC KEY BLOCK-----")


def test_sources_reads_what_apt_reads(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(BOTH_STYLES["deb"])
    (tmp_path / "sources.list.d" / "b.sources").write_text(BOTH_STYLES["deb822"])
    (tmp_path / "sources.list.d" / "c.sources.disabled").write_text(BOTH_STYLES["deb822"])
    assert len(debian.sources(tmp_path)) == 2 + 3
    assert debian.sources(tmp_path / "missing") == []


@pytest.mark.parametrize("style", ["deb", "deb822"])
def test_archive_is_the_mirror_of_the_release(style: str) -> None:
    parse = {"deb": debian.one_line_style, "deb822": debian.deb822_style}[style]
    found = debian.archive("bookworm", list(parse(BOTH_STYLES[style])))
    assert found is not None
    assert found.uri.rstrip("/") == "http://mirror.invalid/packages"
    assert found.signed_by == "/keys/a.gpg"


def test_archive_is_not_a_vendors_repository_of_the_same_suite() -> None:
    vendor = "deb http://vendor.invalid/apt bookworm main\n"
    entries = list(
        debian.one_line_style(vendor + BOTH_STYLES["deb"].replace("packages/", "packages"))
    )
    found = debian.archive("bookworm", entries)
    assert found is not None
    assert found.uri == "http://mirror.invalid/packages"


def test_no_archive() -> None:
    assert debian.archive("trixie", list(debian.one_line_style(BOTH_STYLES["deb"]))) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {"ID": "debian", "VERSION_ID": "12", "VERSION_CODENAME": "bookworm"},
            debian.Release("debian", (12,), "bookworm"),
        ),
        (
            {"ID": "ubuntu", "VERSION_ID": "24.04", "VERSION_CODENAME": "noble"},
            debian.Release("ubuntu", (24, 4), "noble"),
        ),
        ({"ID": "debian", "VERSION_CODENAME": "sid"}, debian.Release("debian", (999,), "sid")),
        ({"ID": "fedora", "VERSION_ID": "41"}, None),
    ],
)
def test_release(
    facts: dict[str, str], expected: debian.Release | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: facts)
    assert debian.release() == expected


def test_write_leaves_one_file_that_all_may_read(tmp_path: Path) -> None:
    files.replace(tmp_path / "a.sources", b"old", 0o644)
    files.replace(tmp_path / "a.sources", b"new", 0o644)
    assert [path.name for path in tmp_path.iterdir()] == ["a.sources"]
    assert (tmp_path / "a.sources").read_text() == "new"
    assert (tmp_path / "a.sources").stat().st_mode & 0o777 == 0o644
