"""Random bytes as text that is read aloud and typed: no letter is taken for a digit.

The alphabet is Crockford's base 32: https://www.crockford.com/base32.html
"""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011", "- ")


def readable(random: bytes, length: int) -> str:
    """Return `length` characters of 5 bits each, in groups of four."""
    if length > len(random):
        raise ValueError(f"{len(random)} bytes are too few for {length} characters.")
    letters = "".join(ALPHABET[byte % 32] for byte in random[:length])
    return "-".join(letters[start : start + 4] for start in range(0, length, 4))


def typed(text: str) -> str:
    """Return what a person typed in the one form that is compared."""
    return text.upper().translate(_MISREAD)
