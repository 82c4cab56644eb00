"""What operators look at and do from a dashboard."""
