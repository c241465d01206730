"""Who makes the predictions: the options of `harness eval`, and what they choose."""
