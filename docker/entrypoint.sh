#!/usr/bin/env bash
# Start the application's programs under supervisord; with arguments, run just those instead.
# In production the image's user is `app` already. In development this starts as root, takes on
# the host user's identity (LOCAL_UID, LOCAL_GID), and never has root's powers again.
set -euo pipefail

as_user=()

take_on_host_user() {
    local uid=${LOCAL_UID:-1000} gid=${LOCAL_GID:-1000}
    if [[ ! $uid =~ ^[0-9]+$ || ! $gid =~ ^[0-9]+$ ]]; then
        echo "LOCAL_UID and LOCAL_GID must be numbers, not '$uid' and '$gid'." >&2
        echo "Set them in .env: LOCAL_UID=\$(id -u) LOCAL_GID=\$(id -g)" >&2
        exit 1
    fi
    groupmod --non-unique --gid "$gid" app
    usermod --non-unique --uid "$uid" --gid "$gid" app 2>/dev/null
    chown "$uid:$gid" /home/app /run/app
    # Docker gives the output pipes to root; supervisord opens them again by name.
    chown --dereference "$uid:$gid" /proc/self/fd/1 /proc/self/fd/2
    own /app/frontend/node_modules "$uid" "$gid"
    # Docker makes the folder that node_modules is mounted on, in the checkout, as root.
    own /run/checkout/frontend/node_modules "$uid" "$gid"
    as_user=(setpriv "--reuid=$uid" "--regid=$gid" --clear-groups --bounding-set=-all --no-new-privs
             env HOME=/home/app)
}

own() { # FOLDER UID GID: everything in FOLDER belongs to the user, checked by its top only
    if [ -d "$1" ] && [ "$(stat -c %u:%g "$1")" != "$2:$3" ]; then
        chown -R "$2:$3" "$1"
    fi
}

if [ "$(id -u)" = 0 ]; then
    take_on_host_user
fi
if [ $# -gt 0 ]; then
    exec "${as_user[@]}" "$@"
fi
# supervisord's own lines get a name like everybody else's. Two of its warnings are meant here: its
# socket needs no password where only its own user may open it, and a host user may be root.
quiet='/without any HTTP authentication/d; /Supervisor is running as root/d'
exec "${as_user[@]}" prepare-and-run \
    supervisord --configuration /etc/supervisord.conf \
    --logfile >(exec sed -u "$quiet; s/^/supervisor | /")
