"""Cold starts: each door as it was built beside a plain handler of its kind."""

from __future__ import annotations
