"""Stock intelligence: what WAIR is told of stock and products, and what it advises."""
