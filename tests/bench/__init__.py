"""Each path of the product beside what the machine can do at most, measured in the same run."""
