"""Each path of the product and this machine's limit for it, measured in the same run."""
