"""Rosters: TOML files with one table a model."""
