"""Scored predictions to rows, and what a row is counted of."""
