"""What replicas, their database and Traefik cost, in processor time: docs/scale.md."""
