"""What follows from choices between two."""
