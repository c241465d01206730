"""What the page shows, made into HTML."""
