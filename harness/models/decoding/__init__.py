"""Greedy decoding of many prompts at once by a loaded decoder-only model."""
