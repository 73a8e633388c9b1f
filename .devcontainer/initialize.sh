#!/bin/sh
# Write .env where there is none, so that the container's files belong to the checkout's owner.
# `inv env` does the same, and needs Python for it; this runs wherever an editor opens a container.
set -eu

[ ! -e .env ] || exit 0
umask 077
# shellcheck disable=SC2012  # stat and find print an owner differently on each system
ls -nd . | {
    read -r _mode _links uid gid _rest
    sed "s/^LOCAL_UID=.*/LOCAL_UID=$uid/; s/^LOCAL_GID=.*/LOCAL_GID=$gid/" .env.example >.env
}
