"""One example after the other: the source, its marks, and what each model gave."""
