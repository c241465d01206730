"""The agreement in each format."""
