"""A checkpoint's files: where they come from, their proof, and loading them safely."""
