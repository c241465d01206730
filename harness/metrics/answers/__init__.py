"""What answers are scored by: exact match, F1, numbers kept whole, and the normalization."""
