"""Data sets as suites: from files, a folder, or the Hugging Face Hub."""
