"""Rows out of files: which files a data set is, and what each format keeps in them."""
