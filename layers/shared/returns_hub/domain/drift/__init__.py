"""Differences between systems that no work in flight explains, from first sight to resolution."""
