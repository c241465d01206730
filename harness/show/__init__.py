"""One example of a run, with all that is known of what a model saw, said and scored."""
