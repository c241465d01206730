"""Kinds that are asked about texts: what an article bears out, and what people would say."""
