"""Whoever is told of despatches: one POST, signed, and what its answer means."""
