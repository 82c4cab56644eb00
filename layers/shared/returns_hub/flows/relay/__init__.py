"""Despatches told upstream, and orders that were edited or cancelled there."""
