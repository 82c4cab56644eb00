"""Orders of the warehouse become sales orders of Unleashed."""
