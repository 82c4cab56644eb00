"""Miinto's merchant API: channel and signature, transfers, orders, product map, stock."""
