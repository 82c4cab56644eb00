"""Sales orders of Unleashed become orders of the warehouse."""
