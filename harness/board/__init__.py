"""Rows of several runs over one suite as one leaderboard."""
