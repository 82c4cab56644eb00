"""The warehouse's count and Unleashed's stock on hand are kept the same."""
