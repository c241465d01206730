"""Every number of a leaderboard, recomputed from its stored predictions and the goldens."""
