"""A person's data: what the hub has of it, and forgetting it (docs/privacy.md)."""
