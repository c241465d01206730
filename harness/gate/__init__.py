"""The gate: whether anything really got worse since the baseline."""
