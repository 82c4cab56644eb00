"""Sales shipments of Unleashed become orders of the warehouse."""
