"""Which of two summaries a judge prefers: what is asked, and what follows from the answers."""
