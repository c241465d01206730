"""The main job: models on a suite, to a leaderboard."""
