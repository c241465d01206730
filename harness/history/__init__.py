"""A row over several runs in time: its numbers, and what changed between them."""
