"""A run, its suite and a second run, made into what the page shows."""
