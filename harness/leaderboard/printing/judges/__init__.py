"""What is said of judges below the tables."""
