"""hub privacy: what the hub has of a person, and forgetting it."""
