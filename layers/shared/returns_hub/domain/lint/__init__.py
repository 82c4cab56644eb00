"""What is wrong with SKUs and maps before an order or a return needs them."""
