"""Golden questions asked of summaries: derived queries, and measures over what a reader said."""
