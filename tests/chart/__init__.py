"""The chart of deploy/chart/: rendered, validated, scanned, and run as far as Podman runs it."""
