#!/usr/bin/env bash
# Start the application's processes under supervisord; with arguments, run that command instead.
# Starts as root, takes the host user's identity (LOCAL_UID, LOCAL_GID), and gives up root's
# capabilities for good.
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
    # The output pipes belong to root; supervisord opens them again by name.
    chown --dereference "$uid:$gid" /proc/self/fd/1 /proc/self/fd/2
    own /app/frontend/node_modules "$uid" "$gid"
    # Docker makes the mount point of node_modules, in the checkout, as root.
    own /run/checkout/frontend/node_modules "$uid" "$gid"
    exec setpriv "--reuid=$uid" "--regid=$gid" --clear-groups --bounding-set=-all --no-new-privs \
        env HOME=/home/app HOST_USER_IS_SET=1 "$0" "$@"
}

own() { # FOLDER UID GID: give FOLDER and its content to the user, unless FOLDER has that owner
    if [ -d "$1" ] && [ "$(stat -c %u:%g "$1")" != "$2:$3" ]; then
        chown -R "$2:$3" "$1"
    fi
}

if [ "$(id -u)" = 0 ] && [ -z "${HOST_USER_IS_SET:-}" ]; then
    become_host_user "$@"
fi
if [ $# -gt 0 ]; then
    exec app-environment "$@"
fi
# Before migrate-and-exec, which imports the packages.
log-prefix prepare with-ca-bundle install-requirements development /venv
exec app-environment run-supervisord
