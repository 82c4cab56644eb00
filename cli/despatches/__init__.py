"""hub despatches: what left the warehouse, as upstream is told of it."""
