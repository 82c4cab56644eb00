"""The lint over simulators."""
