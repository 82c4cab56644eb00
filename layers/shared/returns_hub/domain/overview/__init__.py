"""How the hub stands: what operators look at, in the words of the dashboard and of `hub status`."""
