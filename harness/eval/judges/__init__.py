"""The judges of a run: the reader and the panel, asked about the summaries of all."""
