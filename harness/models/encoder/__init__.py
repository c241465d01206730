"""Encoders that metrics ask for embeddings."""
