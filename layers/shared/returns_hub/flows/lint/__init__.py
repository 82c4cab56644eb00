"""Looking over SKUs and maps, one file for each kind of thing."""
