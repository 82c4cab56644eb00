"""An upgrade, and going back, with all that is stored: rows as an earlier release wrote them."""
