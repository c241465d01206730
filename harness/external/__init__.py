"""Outputs that other tools made: their files read, matched with references, scored."""
