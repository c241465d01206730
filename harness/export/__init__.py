"""A run or its suite in the formats of other places: the Hub, Every Eval Ever, lm-eval."""
