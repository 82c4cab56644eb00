"""What operators look at, and what they do from a dashboard; every read is bounded."""
