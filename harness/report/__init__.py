"""A finished run as one page: what it shows, and the page itself."""
