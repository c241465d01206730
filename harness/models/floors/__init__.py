"""Trivial systems that every model must beat."""
