"""ROUGE as the package rouge-score computes it, in plain Python and compiled."""
