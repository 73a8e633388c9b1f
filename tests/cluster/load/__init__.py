"""Many clients at the nodes of a cluster, what they observe, and its table."""
