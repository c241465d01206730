"""What follows, on the run itself, from what judges said."""
