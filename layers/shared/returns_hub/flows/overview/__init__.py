"""What operators look at: reads alone, each of them bounded."""
