"""Flows between Unleashed and the warehouse: a file for each, all of the shape of `flows.sync`."""
