"""Correlations and accuracies of two rows of numbers, with intervals and paired tests."""
