"""Holding the systems against each other, one file for each comparison."""
