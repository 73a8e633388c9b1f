"""Verdicts and sums of `nox -s bench`."""

from __future__ import annotations

import pytest

from tests.bench.image import needed_by
from tests.bench.row import Budget, Row, above, at_least, at_most, at_most_more, below

FIGURES, LIMITS = [12.0, 30.0, 22.0], [10.0, 20.0, 20.0]


@pytest.mark.parametrize(
    ("budget", "verdict"),
    [
        (at_least(1.2), "ok"),  # the rounds' ratios: 1.2, 1.5 and 1.1
        (at_least(1.21), "over"),
        (at_most(1.2), "ok"),
        (at_most(1.19), "over"),
        (at_most_more(2, "s"), "ok"),  # the rounds' differences: 2, 10 and 2
        (at_most_more(1.9, "s"), "over"),
        (below(22, "ms"), "ok"),  # whatever the limit is
        (below(21, "ms"), "over"),
        (above(22, ""), "ok"),
        (above(23, ""), "over"),
    ],
)
def test_a_verdict_follows_from_the_figure_shown(budget: Budget, verdict: str) -> None:
    assert Row("a path", "s", FIGURES, "the limit", LIMITS, budget).verdict == verdict


def test_a_row_without_a_limit_has_no_verdict() -> None:
    with pytest.raises(AssertionError, match="nothing to compare with"):
        _ = Row("a path", "s", FIGURES, budget=at_most(1)).verdict


def test_only_dependencies_of_a_package_are_counted() -> None:
    listing = """\
nginx\t\t, nginx-common (>= 1.22), libc6:any (>= 2.34) | libc, iproute2
nginx-common\thttpd-common (= 1.22)\tbase-files, nginx
libc6\tlibc, libc6-2.36\tlibcrypt1, 
base-files\t\tmawk | awk
mawk\tawk\t, 
vim\t\tlibc6, httpd-common
"""
    needed = {"nginx", "nginx-common", "libc6", "base-files", "mawk"}
    assert needed_by(["nginx"], listing) == needed
    assert needed_by(["vim"], listing) == needed | {"vim"}
