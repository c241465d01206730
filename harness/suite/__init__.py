"""Articles with their goldens, or a data set, as examples that are ready to run."""
