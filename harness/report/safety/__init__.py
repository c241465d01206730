"""Hostile text made safe to show, and what the page is allowed to do."""
