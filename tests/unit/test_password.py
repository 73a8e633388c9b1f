"""What PostgreSQL keeps of a password."""

from __future__ import annotations

import base64

import pytest

from stack.database import password

# The example of RFC 7677, section 3, in the form of RFC 5803.
SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
PENCIL = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)


def test_a_verifier_is_that_of_the_standard() -> None:
    assert password.verifier("pencil", SALT) == PENCIL


def test_each_verifier_has_a_salt_of_its_own() -> None:
    assert password.verifier("pencil") != password.verifier("pencil")


@pytest.mark.parametrize("other", ["", "pencils", "Pencil"])
def test_another_password_does_not_fit(other: str) -> None:
    assert password.fits(PENCIL, "pencil")
    assert not password.fits(PENCIL, other)


@pytest.mark.parametrize("kept", ["", "md5d2cf8b3f4f1d"])
def test_what_is_no_scram_verifier_is_not_judged(kept: str) -> None:
    assert password.fits(kept, "pencil")
