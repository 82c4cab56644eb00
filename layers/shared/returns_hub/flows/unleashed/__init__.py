"""Flows between Unleashed and the warehouse, a folder for each kind.

All of them have the shape of `flows.sync`. What they share stands beside the folders: `sources`
lists them, `run` runs one.
"""
