#!/usr/bin/env bash
# Start the application's processes under supervisord; with arguments, run that command instead.
# The image's user is `app`.
set -euo pipefail

if [ $# -gt 0 ]; then
    exec "$@"
fi
# prometheus_client does not make its own directory.
mkdir -p /run/app/metrics
# Where Nginx has a certificate, the application has to know that browsers use TLS.
if [ -s /run/secrets/tls_certificate ]; then
    export ALARM_HTTPS="${ALARM_HTTPS:-true}"
fi
exec run-supervisord
