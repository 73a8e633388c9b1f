"""What a database's refusals mean, in two lines; waiting does not mend these."""

from __future__ import annotations

import os

GUIDE = "see docs/external-database.md"
POOLER = "unsupported startup parameter"

EXTERNAL: tuple[tuple[str, str, str], ...] = (
    (
        POOLER,
        "DATABASE_URL leads to a pooler (PgBouncer), which refuses the options of a session",
        "Let DATABASE_DIRECT_URL lead to the server itself, beside the pooler's DATABASE_URL",
    ),
    (
        "server does not support SSL",
        "The database has no TLS, which DATABASE_URL demands",
        f"Switch TLS on at the server; {GUIDE}",
    ),
    (
        "no encryption",
        "The database takes connections with TLS only",
        f"Write sslmode=verify-full into DATABASE_URL; {GUIDE}",
    ),
    (
        "root certificate file",
        "The authority of the database's certificate is not given",
        "Name its file in .env: DATABASE_CA=/path/of/ca.pem",
    ),
    (
        "certificate verify failed",
        "The database's certificate is of an authority that is not trusted",
        "Name the authority's file in .env: DATABASE_CA=/path/of/ca.pem",
    ),
    (
        "does not match host name",
        "The database's certificate has another name than DATABASE_URL",
        "Write the name that is in the certificate into DATABASE_URL",
    ),
    (
        "password authentication failed",
        "The database refuses the password",
        "Correct it in the file of DATABASE_URL_FILE, or in .secrets/postgres_password",
    ),
    (
        "does not exist",
        "The database that DATABASE_URL names does not exist",
        f"Make it at the server; {GUIDE}",
    ),
)
BESIDE: tuple[tuple[str, str, str], ...] = (
    (
        "password authentication failed",
        "The database refuses its password",
        "Put the former one back into .secrets/postgres_password, "
        "or make a new one: inv prod.rotate-password",
    ),
)
READ_ONLY = ("session is read-only", "hot standby mode")
# The second one is what a new session is told, which has no file of its own yet.
FULL = ("No space left on device", "could not write init file")


def is_external() -> bool:
    """Whether the database is not the one that the stack brings."""
    return bool(os.environ.get("DATABASE_URL")) and not os.environ.get("POSTGRES_HOST")


def explain(reason: str) -> str | None:
    """Two lines where an error of a connection is one that stays, else None."""
    for part, what, remedy in EXTERNAL if is_external() else BESIDE:
        if part in reason:
            return f"{what}: {reason}\n{remedy}"
    return None


def no_answer(seconds: float, reason: str, log: str) -> str:
    """Two lines for a database that did not answer in time."""
    if is_full := of_preparation(reason):
        return is_full
    if not is_external():
        return f"The database did not answer within {seconds:g} s: {reason}\nLook at its log: {log}"
    if any(part in reason for part in READ_ONLY):
        what = f"The database was a read-only replica for {seconds:g} s: {reason}"
        return f"{what}\nName the primary in DATABASE_URL, or all servers of the cluster"
    return (
        f"The database did not answer within {seconds:g} s: {reason}\nCorrect DATABASE_URL; {GUIDE}"
    )


def of_preparation(reason: str) -> str | None:
    """Two lines where the preparation failed for want of room, else None."""
    if any(part in reason for part in FULL):
        return (
            f"The database's disk is full: {reason}\n"
            "Make room there, then start again; nothing of this start is kept"
        )
    return None
