"""hub cost: what a month of the stack costs, by what AWS measured, and a return's share of it."""
