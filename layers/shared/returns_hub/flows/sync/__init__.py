"""Flows that keep records of two systems in step, all of one shape; see `run`."""
