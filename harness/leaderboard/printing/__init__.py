"""A leaderboard as text: its tables, and as one table of all cells."""
