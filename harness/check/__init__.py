"""What a careful person would want to know of a suite's articles and goldens before using them."""
