"""Whether the API does what /api/schema/ says, in production, by thousands of made-up requests."""
