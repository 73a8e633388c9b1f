#!/bin/bash
# Starts PostgreSQL the way the official `postgres` image does, with the same variables:
# POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD
# (each also as NAME_FILE), PGDATA, and /docker-entrypoint-initdb.d/*.{sh,sql,sql.gz}.
#
# One difference: a new cluster is made in a sub-folder and moved into place when it is complete,
# PG_VERSION last. The next start discards an interrupted initialisation, where the official image
# keeps starting the incomplete database.
set -Eeuo pipefail

scripts=/docker-entrypoint-initdb.d

main() {
    # Arguments that begin with a dash are the server's.
    if [[ $# -eq 0 || $1 == -* ]]; then
        set -- postgres "$@"
    fi
    if [[ $1 == postgres ]] && ! only_asks "$@"; then
        is_initialised || read_settings
        if ((EUID == 0)); then
            own_folders
            exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
        fi
        is_initialised || initialise "${@:2}"
        unset POSTGRES_PASSWORD
    fi
    exec "$@"
}

only_asks() {
    local argument
    for argument in "$@"; do
        case $argument in
            -'?' | --help | -V | --version | --describe-config) return 0 ;;
        esac
    done
    return 1
}

# A new volume or bind mount belongs to root or to the user that made it.
own_folders() {
    local folder
    for folder in "$PGDATA" /var/run/postgresql; do
        mkdir -p "$folder"
        find "$folder" ! -user postgres -exec chown postgres {} +
    done
    chmod 0700 "$PGDATA"
}

is_initialised() {
    [[ -s $PGDATA/PG_VERSION ]]
}

initialise() {
    local final=$PGDATA making=$PGDATA/.initialising
    mkdir -p "$final"
    [[ -O $final ]] || fail "$final belongs to another user than $EUID." \
        "Mount a folder of that user's there, or set PGDATA to a new folder below it."
    chmod 0700 "$final"
    discard_half_made "$final" "$making"

    # Before the last step there is nothing to keep, so a stop may interrupt any step.
    trap 'exit 130' INT TERM
    export PGDATA=$making
    make_cluster
    start_temporary_server "$@"
    make_database
    run_scripts
    stop_temporary_server
    move_into_place "$making" "$final"
    export PGDATA=$final
    trap - INT TERM
}

# Root reads them before it drops its rights: a secret's file may be readable to its owner only.
read_settings() {
    setting POSTGRES_PASSWORD
    setting POSTGRES_USER postgres
    setting POSTGRES_DB "$POSTGRES_USER"
    setting POSTGRES_INITDB_ARGS
    setting POSTGRES_HOST_AUTH_METHOD scram-sha-256
    if [[ -z $POSTGRES_PASSWORD && $POSTGRES_HOST_AUTH_METHOD != trust ]]; then
        fail "Database is uninitialized and superuser password is not specified." \
            "Set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE to a value that is not empty."
    fi
    if [[ $POSTGRES_HOST_AUTH_METHOD == trust ]]; then
        say "WARNING: POSTGRES_HOST_AUTH_METHOD=trust lets anyone in who reaches the port."
    fi
}

# setting NAME [DEFAULT]: NAME's own value, or what the file NAME_FILE holds, or DEFAULT.
setting() {
    local name=$1 file_name=${1}_FILE value=${2-}
    if [[ -n ${!name-} && -n ${!file_name-} ]]; then
        fail "Both $name and $file_name are set." "Unset one of them."
    elif [[ -n ${!name-} ]]; then
        value=${!name}
    elif [[ -n ${!file_name-} ]]; then
        [[ -r ${!file_name} ]] || fail "$file_name: ${!file_name} cannot be read." \
            "Mount it where the container's user may read it."
        value=$(<"${!file_name}")
    fi
    export "$name=$value"
    unset "$file_name"
}

discard_half_made() {
    local final=$1 making=$2 others
    if [[ -d $making ]]; then
        say "the last initialisation was interrupted: it is discarded and begun again."
        find "$final" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +
    fi
    others=$(find "$final" -mindepth 1 -maxdepth 1 ! -name lost+found -printf '%f ')
    if [[ -n $others ]]; then
        fail "$final is not empty and holds no database: $others" \
            "Empty it, or set PGDATA to a folder below it."
    fi
    mkdir "$making"
}

make_cluster() {
    local -a arguments
    eval "arguments=($POSTGRES_INITDB_ARGS)"
    know_own_name
    if [[ -n $POSTGRES_PASSWORD ]]; then
        arguments+=(--pwfile=/dev/fd/3)
    fi
    initdb --username="$POSTGRES_USER" "${arguments[@]}" 3< <(printf '%s\n' "$POSTGRES_PASSWORD")
    printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
}

# initdb asks for its user's name, which a uid given with `--user` need not have.
know_own_name() {
    if getent passwd "$EUID" >/dev/null; then
        return
    fi
    NSS_WRAPPER_PASSWD=$(mktemp)
    NSS_WRAPPER_GROUP=$(mktemp)
    printf 'postgres:x:%s:%s::%s:/bin/false\n' "$EUID" "$(id -g)" "$PGDATA" >"$NSS_WRAPPER_PASSWD"
    printf 'postgres:x:%s:\n' "$(id -g)" >"$NSS_WRAPPER_GROUP"
    LD_PRELOAD=$(find /usr/lib -name libnss_wrapper.so -print -quit)
    export LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

# Its socket is in a folder of its own and it has no TCP port, so no client can mistake it for the
# final server.
start_temporary_server() {
    export PGUSER=$POSTGRES_USER PGPASSWORD=$POSTGRES_PASSWORD PGHOST
    PGHOST=$(mktemp --directory --tmpdir=/var/run/postgresql initialising.XXXXXX)
    pg_ctl --wait --silent start --options="$(printf '%q ' "$@" -c listen_addresses= \
        -c unix_socket_directories="$PGHOST" -c port="${PGPORT:-5432}")"
}

make_database() {
    if [[ $POSTGRES_DB != postgres ]]; then
        sql --dbname=postgres --set=name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
    fi
}

run_scripts() {
    local script
    for script in "$scripts"/*; do
        case $script in
            *.sh | *.sql | *.sql.gz) say "running $script" ;;
        esac
        case $script in
            *.sh) run_shell_script "$script" ;;
            *.sql) sql --file="$script" ;;
            *.sql.gz) gunzip --stdout "$script" | sql ;;
        esac
    done
}

# A bind mount from another system may have lost its execute bit.
run_shell_script() {
    if [[ -x $1 ]]; then "$1"; else bash -e "$1"; fi
}

sql() {
    psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --dbname="$POSTGRES_DB" "$@"
}

stop_temporary_server() {
    pg_ctl --wait --silent --mode=fast stop
    rmdir "$PGHOST"
    unset PGUSER PGPASSWORD PGHOST LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
}

# A rename is one step within a file system; a folder without PG_VERSION is never served.
move_into_place() {
    local making=$1 final=$2
    find "$making" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv --target-directory="$final" {} +
    mv "$making/PG_VERSION" "$final"
    rmdir "$making"
}

say() {
    printf 'postgres-entrypoint: %s\n' "$*" >&2
}

fail() {
    printf 'Error: %s\n       %s\n' "$1" "$2" >&2
    exit 1
}

main "$@"
