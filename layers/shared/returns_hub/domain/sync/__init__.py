"""Records that are kept in step between two systems: what was seen, done and asked of each."""
