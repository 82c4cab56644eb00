"""A simulator of WAIR, stock intelligence."""
