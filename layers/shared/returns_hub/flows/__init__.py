"""Use cases, one file each: the only place with an order of steps."""

from __future__ import annotations
