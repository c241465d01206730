"""Weights that stay in the few bits of a checkpoint's file, and products with them in float32."""
