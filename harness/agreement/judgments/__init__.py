"""What people judged, read from files of JSON lines."""
