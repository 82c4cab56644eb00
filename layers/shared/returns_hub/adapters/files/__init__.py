"""Files that the hub writes for people and for other programs."""
