"""What brings stored rows of earlier releases to what this release writes (docs/upgrades.md)."""
