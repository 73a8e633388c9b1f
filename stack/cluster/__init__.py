"""A cluster of nodes with Docker Swarm: `inv cluster`."""
