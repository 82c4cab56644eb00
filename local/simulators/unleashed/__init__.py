"""A simulator of Unleashed, the ERP."""
