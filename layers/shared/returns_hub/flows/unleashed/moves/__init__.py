"""Transfers and assemblies of Unleashed, carried out at the warehouse."""
