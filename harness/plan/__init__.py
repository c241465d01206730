"""The size of suite that would show a difference."""
