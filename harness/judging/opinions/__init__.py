"""Judges of a roster, asked about texts: derived queries, and measures over their opinions."""
