"""hub miinto: the marketplace's shops, transfers, orders and RMAs, by a person's hand."""

from __future__ import annotations
