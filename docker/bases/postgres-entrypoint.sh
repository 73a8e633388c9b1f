#!/bin/bash
# Starts PostgreSQL as the official `postgres` image does, with the variables that compose/ sets:
# POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, POSTGRES_USER, POSTGRES_DB; and PGDATA.
#
# One difference: a new cluster is made in a sub-folder and moved into place when it is complete,
# PG_VERSION last. The next start discards an interrupted initialisation, where the official image
# keeps starting the incomplete database.
set -Eeuo pipefail

making=$PGDATA/.initialising

fail() {
    printf 'Error: %s\n       %s\n' "$1" "$2" >&2
    exit 1
}

initialise() {
    local user=${POSTGRES_USER:-postgres} others
    local database=${POSTGRES_DB:-$user}

    # Before the last step there is nothing to keep, so a stop may interrupt any step.
    trap 'exit 130' INT TERM
    if [[ -d $making ]]; then
        printf 'The last initialisation was interrupted. It starts again.\n' >&2
        find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
    fi
    others=$(find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name lost+found -printf '%f ')
    if [[ -n $others ]]; then
        fail "$PGDATA is not empty and holds no database: $others" \
            "Empty it, or set PGDATA to a folder below it."
    fi

    initdb --pgdata="$making" --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
    printf '\nhost all all all scram-sha-256\n' >>"$making/pg_hba.conf"
    if [[ $database != postgres ]]; then
        postgres --single -D "$making" postgres <<<"CREATE DATABASE \"$database\""
    fi
    # A rename is one step within a file system; a folder without PG_VERSION is never served.
    find "$making" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv --target-directory="$PGDATA" {} +
    mv "$making/PG_VERSION" "$PGDATA"
    rmdir "$making"
    trap - INT TERM
}

if [[ $1 != postgres ]]; then
    exec "$@"
fi
if [[ ! -s $PGDATA/PG_VERSION && -z ${POSTGRES_PASSWORD:=$(cat "${POSTGRES_PASSWORD_FILE:-/dev/null}")} ]]; then
    fail "Database is uninitialized and superuser password is not specified." \
        "Set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE to a value that is not empty."
fi
if ((EUID == 0)); then
    # A new volume or bind mount belongs to root or to the user that made it.
    mkdir -p "$PGDATA"
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
    chmod 0700 "$PGDATA"
    # Only root can read a secret's file that is closed to others.
    export POSTGRES_PASSWORD
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi
if [[ ! -s $PGDATA/PG_VERSION ]]; then
    initialise
fi
unset POSTGRES_PASSWORD
exec "$@"
