"""Measurements: ratios from one run, with the command that makes them."""

from __future__ import annotations
