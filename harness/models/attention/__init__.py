"""Attention of rows that share prefixes, in the place of a model's own."""
