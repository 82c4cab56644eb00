"""What the warehouse sent is told to Unleashed."""
