"""A run's report, served to a browser on this machine."""
