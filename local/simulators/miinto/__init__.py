"""A simulator of Miinto, the marketplace."""
