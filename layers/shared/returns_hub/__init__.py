"""The returns hub: one house for returns and stock across a brand's five systems."""

from __future__ import annotations

__version__ = "1.0.0"
