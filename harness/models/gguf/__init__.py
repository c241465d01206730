"""GGUF files: read safely and once, and computed with in the few bits that they hold."""
