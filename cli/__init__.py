"""The operators' `hub` command: the same flows and adapters, from a terminal."""

from __future__ import annotations
