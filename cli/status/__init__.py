"""hub status: the morning look, on one screen."""
