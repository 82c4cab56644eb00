"""hub unleashed: what an operator sees of, and does about, the ERP."""
