"""Use cases of the marketplace Miinto, one file each."""

from __future__ import annotations
