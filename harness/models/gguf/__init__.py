"""GGUF files: parsed once, converted once, and their matrices in the few bits that they hold."""
