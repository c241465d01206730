"""Run against run: what improved, what got worse, and why they may differ."""
