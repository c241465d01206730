"""Scores to rows, and rows to a leaderboard: its JSON, its tables, its prediction lines."""
