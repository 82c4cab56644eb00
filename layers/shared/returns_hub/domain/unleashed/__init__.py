"""Unleashed in our words: the settings and the rules of its connection to the warehouse."""
