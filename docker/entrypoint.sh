#!/usr/bin/env bash
# Start the application's programs under supervisord; with arguments, run just those instead.
# In production the image's user is `app` already. In development this starts as root, takes on
# the host user's identity (LOCAL_UID, LOCAL_GID), and never has root's powers again.
set -euo pipefail

become_host_user() {
    local uid=${LOCAL_UID:-1000} gid=${LOCAL_GID:-1000}
    if [[ ! $uid =~ ^[0-9]+$ || ! $gid =~ ^[0-9]+$ ]]; then
        echo "LOCAL_UID and LOCAL_GID must be numbers, not '$uid' and '$gid'." >&2
        echo "Set them in .env: LOCAL_UID=\$(id -u) LOCAL_GID=\$(id -g)" >&2
        exit 1
    fi
    if [ "$(id -u app):$(id -g app)" != "$uid:$gid" ]; then
        groupmod --non-unique --gid "$gid" app
        usermod --non-unique --uid "$uid" --gid "$gid" app
        chown "$uid:$gid" /home/app /run/app
    fi
    # The output pipes are root's; supervisord opens them again by name.
    chown --dereference "$uid:$gid" /proc/self/fd/1 /proc/self/fd/2
    own /app/frontend/node_modules "$uid" "$gid"
    # Docker makes the folder that node_modules is mounted on, in the checkout, as root.
    own /run/checkout/frontend/node_modules "$uid" "$gid"
    exec setpriv "--reuid=$uid" "--regid=$gid" --clear-groups --bounding-set=-all --no-new-privs \
        env HOME=/home/app HOST_USER_IS_SET=1 "$0" "$@"
}

own() { # FOLDER UID GID: everything in FOLDER belongs to the user, checked by its top only
    if [ -d "$1" ] && [ "$(stat -c %u:%g "$1")" != "$2:$3" ]; then
        chown -R "$2:$3" "$1"
    fi
}

if [ "$(id -u)" = 0 ] && [ -z "${HOST_USER_IS_SET:-}" ]; then
    become_host_user "$@"
fi
if [ $# -gt 0 ]; then
    exec "$@"
fi

if [ "${MODE:-}" = development ]; then
    # In a program of its own it would come too late: preparing the database imports the packages.
    log-prefix prepare install-requirements
fi
if [ "${MODE:-}" = production ]; then
    if [[ ! $ASGI_SERVER =~ ^(daphne|uvicorn)$ ]]; then
        echo "ASGI_SERVER is '$ASGI_SERVER', which is no server that the panel can run on." >&2
        echo "Write ASGI_SERVER=daphne or ASGI_SERVER=uvicorn into .env, then: inv prod" >&2
        exit 1
    fi
    mkdir -p /run/app/metrics # the library that counts does not make it
fi
# Where Nginx has a certificate, the application is told that browsers come by TLS.
if [ -s /run/secrets/tls_certificate ]; then
    export ALARM_HTTPS="${ALARM_HTTPS:-true}"
fi
# Each WebSocket is an open file, twice: as many as the host allows.
ulimit -Sn "$(ulimit -Hn)"
# supervisord's own lines get a name like everybody else's. Two of its warnings are meant here: its
# socket needs no password where only its own user may open it, and a host user may be root.
quiet='/without any HTTP authentication/d; /Supervisor is running as root/d'
exec prepare-and-run \
    supervise --configuration /etc/supervisord.conf \
    --logfile >(exec sed -u "$quiet; s/^/supervisor | /")
