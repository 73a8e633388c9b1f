"""Apps that other projects' generators make, put in place by `inv adopt` and run in both modes."""
