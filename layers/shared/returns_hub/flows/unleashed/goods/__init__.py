"""Products, customers, purchase orders and what is received of them."""
