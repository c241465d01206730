"""What an article bears out of its summary, from words alone: no reference, no model."""
