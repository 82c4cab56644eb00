"""hub tail: log lines of all functions, as they come."""
