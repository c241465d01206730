"""Queries to stored predictions, and stored predictions to scores."""
