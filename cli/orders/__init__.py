"""hub orders: orders that changed upstream."""
