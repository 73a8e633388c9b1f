"""Versions as numbers, which of them fit each other, and which the project was run with."""

import re

import pytest

from stack.config.modes import ROOT
from stack.engine.versions import RUN_WITH, Facts, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.26.1-4", (2, 26, 1)),
        ("v2.30.0", (2, 30, 0)),
        ("5.0.1", (5, 0, 1)),
        ("26.1.5+dfsg1", (26, 1, 5)),
        ("0.13.1+ds1", (0, 13, 1)),
        ("2.24.4-desktop.1", (2, 24, 4)),
        ("dev", ()),
    ],
)
def test_numbers(text: str, expected: tuple[int, ...]) -> None:
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("compose", "enough"),
    [
        (None, False),
        ("2.9.0", False),
        ("2.24.3", False),
        ("2.24.4", True),
        ("v2.30.0", True),
        ("10.0.0", True),
    ],
)
def test_compose_is_compared_as_numbers(compose: str | None, enough: bool) -> None:
    assert Facts("26.1.5", compose, "0.13.1").compose_is_new_enough is enough


@pytest.mark.parametrize(
    ("compose", "buildx", "fits"),
    [
        ("2.26.1-4", "0.13.1+ds1", True),
        ("2.40.1", "0.13.1", True),
        ("2.40.2", "0.16.2", False),
        ("5.6.1", "0.13.1", False),
        ("5.6.1", "0.17.0", True),
        ("5.6.1", "0.29.1", True),
        ("2.26.1", "0.12.9", False),
        ("2.26.1", None, False),
        (None, "0.13.1", True),
    ],
)
def test_a_buildx_fits_a_compose(compose: str | None, buildx: str | None, fits: bool) -> None:
    assert Facts("28.5.2", compose, buildx).buildx_is_new_enough is fits


def test_a_version_newer_than_any_that_was_run_is_named() -> None:
    server, compose, buildx = (f"{newest}.9" for _, newest in RUN_WITH.values())
    newest = Facts(server, compose, buildx)
    assert list(newest.newer_than_run()) == []
    assert list(Facts("99.0.1", None, None).newer_than_run()) == [
        f"Docker Engine 99.0.1 is newer than {RUN_WITH['Docker Engine'][1]}"
    ]


def test_the_readme_names_the_versions_that_were_run() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    for name, (oldest, newest) in RUN_WITH.items():
        assert re.search(rf"{name} {re.escape(oldest)} to {re.escape(newest)}\b", readme), name
