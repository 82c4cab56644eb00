"""WAIR's API, and other places that take the same rows."""
