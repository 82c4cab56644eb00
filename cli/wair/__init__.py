"""hub wair: what an operator sees of, and does about, stock intelligence."""
