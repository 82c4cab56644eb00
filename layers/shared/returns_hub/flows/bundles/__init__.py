"""What bundles are made of, and orders that one without components would stall."""
