"""Models that a person wrote: a class in a file of theirs, or in an installed package."""
