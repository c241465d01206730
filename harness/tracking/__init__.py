"""A run in an experiment tracker: which, what of the run it is told, and the telling."""
