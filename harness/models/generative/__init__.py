"""Models that write: decoder-only and encoder-decoder language models."""
