"""Flows of stock intelligence."""
