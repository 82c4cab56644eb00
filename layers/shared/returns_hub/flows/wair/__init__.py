"""The flows of stock intelligence, one file for each."""
