"""Data sets laid out as SQuAD is, as suites: from a file, a folder, or the Hugging Face Hub."""
