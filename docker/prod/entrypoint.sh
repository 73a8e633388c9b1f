#!/usr/bin/env bash
# Start the application's processes under supervisord; with arguments, run that command instead.
# The image's user is `app`.
set -euo pipefail

# Where Nginx has a certificate, the application has to know that browsers use TLS.
if [ -s /run/secrets/tls_certificate ]; then
    export ALARM_HTTPS="${ALARM_HTTPS:-true}"
fi
if [ $# -gt 0 ]; then
    exec app-environment "$@"
fi
for file in /run/secrets/tls_certificate /run/secrets/tls_key; do
    if [ -s "$file" ] && ! [ -r "$file" ]; then
        echo "$file: the container's user may not read it, and so cannot serve HTTPS." >&2
        echo "Type inv prod, which makes readable copies; or see docs/reverse-proxies.md." >&2
        exit 1
    fi
done
# prometheus_client does not make its own directory.
mkdir -p /run/app/metrics
exec app-environment run-supervisord
