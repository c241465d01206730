"""Workers on a Ray cluster. `ray` is an extra, and is imported when an engine is opened."""
