"""Our words and rules for the marketplace Miinto: transfers, orders, RMAs."""
